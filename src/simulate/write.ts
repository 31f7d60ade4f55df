import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fail } from '../base/index.js';
import type { Story } from './phish.js';

/**
 * Writes the files of a story under a folder, which is made when it is missing. Files already there are overwritten.
 *
 * Errors  CLI6002 the folder or a file cannot be written
 */
export async function writeStory(dir: string, story: Story): Promise<void> {
  for (const { path, content } of story.files) {
    const target = join(dir, path);
    try {
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, content);
    } catch (error) {
      fail('CLI6002', `${target} cannot be written: ${(error as Error).message}`);
    }
  }
}
