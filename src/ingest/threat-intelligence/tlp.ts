/**
 * The markings of the Traffic Light Protocol that STIX predefines, versions 1 and 2. The tables know white, green, amber and
 * red; clear is the newer word for white, and amber+strict has no word of its own there.
 */
const predefined: Readonly<Record<string, string>> = {
  'marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9': 'white',
  'marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da': 'green',
  'marking-definition--f88d31f6-486f-44da-b317-01333bde0b82': 'amber',
  'marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed': 'red',
  'marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487': 'white',
  'marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb': 'green',
  'marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421': 'amber',
  'marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003': 'amber',
  'marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1': 'red',
};

const levels = ['white', 'green', 'amber', 'red'];

/** The level that a text names; undefined for any other. */
export function tlpLevel(text: string): string | undefined {
  const word = text
    .trim()
    .toLowerCase()
    .replace(/^tlp:\s*/, '')
    .replace('amber+strict', 'amber')
    .replace('clear', 'white');
  return levels.includes(word) ? word : undefined;
}

/** The strictest level among the markings of an object. */
export function tlpOf(markingRefs: readonly string[], defined: ReadonlyMap<string, string>): string | undefined {
  const found = markingRefs.flatMap((ref) => {
    const known = Object.hasOwn(predefined, ref.toLowerCase()) ? predefined[ref.toLowerCase()] : defined.get(ref);
    return tlpLevel(known ?? '') ?? [];
  });
  return found.sort((a, b) => levels.indexOf(b) - levels.indexOf(a))[0];
}
