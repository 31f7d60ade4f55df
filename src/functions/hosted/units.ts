import { type Example, type HostedFunction, hosted } from '../entry.js';

/**
 * Units by quantity: `Name:steps` from the unit to the base unit, which has no steps. `Prefix,Prefix|Name` gives the unit
 * and its prefixed ones. The factors are those of the UnitsNet library, which Kusto follows also where they are rounded.
 */
const quantities: Readonly<Record<string, string>> = {
  angle: `Nano,Micro,Milli|Degree: Nano,Micro,Milli,Centi,Deci|Radian:*180/${Math.PI} Arcminute:/60 Arcsecond:/3600
    Gradian:*0.9 NatoMil:*9/160 Revolution:*360 Tilt:asin*180/${Math.PI}`,
  energy: `Milli,Kilo,Mega,Giga|Joule: Kilo,Mega|Calorie:*4.184 Kilo,Mega,Giga|BritishThermalUnit:*1055.05585262
    Kilo,Mega,Giga,Tera|ElectronVolt:*1.602176565e-19 FootPound:*1.355817948 Erg:*1e-7 Kilo,Mega,Giga,Tera|WattHour:*3600
    Kilo,Mega,Giga,Tera|WattDay:*24*3600 Deca|ThermEc:*1.05505585262e8 Deca|ThermUs:*1.054804e8
    Deca|ThermImperial:*1.05505585257348e8 HorsepowerHour:*2.6845195377e6`,
  force: `Micro,Milli,Deca,Kilo,Mega|Newton: Dyn:/1e5 KilogramForce:*9.80665002864 KiloPond:*9.80665002864
    TonneForce:*9.80665002864e3 Kilo|PoundForce:*4.4482216152605095551842641431421
    Poundal:*0.13825502798973041652092282466083 OunceForce:*2.780138509537812e-1 ShortTonForce:*8.896443230521e3`,
  length: `Nano,Micro,Milli,Centi,Deci,Deca,Hecto,Kilo|Meter: Mile:*1609.34 Yard:*0.9144 Foot:*0.3048
    UsSurveyFoot:*1200/3937 Inch:*2.54e-2 Mil:*2.54e-5 NauticalMile:*1852 Fathom:*1.8288 Shackle:*27.432 Microinch:*2.54e-8
    PrinterPoint:/72.27*2.54e-2 DtpPoint:/72*2.54e-2 PrinterPica:/237.106301584 DtpPica:/236.220472441
    Twip:/56692.913385826 Hand:*1.016e-1 Chain:*20.1168 Angstrom:*1e-10 DataMile:*1828.8 AstronomicalUnit:*1.4959787070e11
    Kilo,Mega|Parsec:*3.08567758128e16 Kilo,Mega|LightYear:*9.46073047258e15 SolarRadius:*6.9551e8`,
  mass: `Nano,Micro,Milli,Centi,Deci,Deca,Hecto,Kilo|Gram:/1e3 Kilo,Mega|Tonne:*1e3 ShortTon:*9.0718474e2
    LongTon:*1.0160469088e3 Kilo,Mega|Pound:*0.45359237 Ounce:*0.028349523125 Slug:/6.852176556196105e-2
    Stone:/0.1574731728702698 ShortHundredweight:/0.022046226218487758 LongHundredweight:/0.01968413055222121
    Grain:/15432.358352941431 SolarMass:*1.98947e30 EarthMass:*5.9722e24`,
  speed: `Nano,Micro,Milli,Centi,Deci,Kilo|MeterPerSecond: Nano,Micro,Milli,Centi,Deci,Kilo|MeterPerMinute:/60
    Milli,Centi,Kilo|MeterPerHour:/3600 FootPerSecond:*0.3048 FootPerMinute:*0.3048/60 FootPerHour:*0.3048/3600
    UsSurveyFootPerSecond:*1200/3937 UsSurveyFootPerMinute:*1200/3937/60 UsSurveyFootPerHour:*1200/3937/3600
    InchPerSecond:*2.54e-2 InchPerMinute:/60*2.54e-2 InchPerHour:/3600*2.54e-2 YardPerSecond:*0.9144
    YardPerMinute:*0.9144/60 YardPerHour:*0.9144/3600 Knot:*0.514444 MilePerHour:*0.44704`,
  temperature: `Kelvin: DegreeCelsius:+273.15 MillidegreeCelsius:/1000+273.15 DegreeDelisle:*-2/3+373.15
    DegreeFahrenheit:*5/9+${(459.67 * 5) / 9} DegreeNewton:*100/33+273.15 DegreeRankine:*5/9 DegreeReaumur:*5/4+273.15
    DegreeRoemer:*40/21+${273.15 - (7.5 * 40) / 21} SolarTemperature:*5778`,
  volume: `Micro,Milli,Centi,Deci,Deca,Hecto,Kilo,Mega|Liter:/1e3 Hecto,Kilo|CubicMeter: CubicKilometer:*1e9
    CubicHectometer:*1e6 CubicDecimeter:/1e3 CubicCentimeter:/1e6 CubicMillimeter:/1e9 CubicMicrometer:/1e18
    CubicMile:*4.16818182544058e9 CubicYard:*0.764554858 Hecto,Kilo,Mega|CubicFoot:*0.0283168 CubicInch:*1.6387e-5
    Kilo,Mega|ImperialGallon:*0.00454609000000181429905810072407 ImperialOunce:*2.8413062499962901241875439064617e-5
    Deci,Deca,Hecto,Kilo,Mega|UsGallon:*0.00378541 UsOunce:*2.957352956253760505068307980135e-5
    UsTablespoon:*1.478676478125e-5 AuTablespoon:*2e-5 UkTablespoon:*1.5e-5 MetricTeaspoon:*5e-6 UsTeaspoon:*4.92892159375e-6
    MetricCup:*0.00025 UsCustomaryCup:*0.0002365882365 UsLegalCup:*0.00024 OilBarrel:*0.158987294928
    UsBeerBarrel:*0.1173477658 ImperialBeerBarrel:*0.16365924 UsQuart:*9.46352946e-4 UsPint:*4.73176473e-4
    AcreFoot:/0.000810714 ImperialPint:*5.6826125e-4 BoardFoot:*2.3597372158e-3`,
};

const prefixes: Readonly<Record<string, number>> = {
  Nano: 1e-9,
  Micro: 1e-6,
  Milli: 1e-3,
  Centi: 1e-2,
  Deci: 1e-1,
  Deca: 1e1,
  Hecto: 1e2,
  Kilo: 1e3,
  Mega: 1e6,
  Giga: 1e9,
  Tera: 1e12,
};

interface Step {
  readonly operator: string;
  readonly by: number;
}

function toBase(x: number, steps: readonly Step[]): number {
  return steps.reduce((v, { operator, by }) => {
    if (operator === 'asin') return Math.asin(v);
    return operator === '*' ? v * by : operator === '/' ? v / by : v + by;
  }, x);
}

function fromBase(x: number, steps: readonly Step[]): number {
  return steps.reduceRight((v, { operator, by }) => {
    if (operator === 'asin') return Math.sin(v);
    return operator === '*' ? v / by : operator === '/' ? v * by : v - by;
  }, x);
}

/** Steps of each unit by its name in lower case. */
function unitsOf(table: string): Map<string, readonly Step[]> {
  const units = new Map<string, readonly Step[]>();
  for (const entry of table.trim().split(/\s+/)) {
    const [, before = '', name = '', text = ''] = /^(?:([\w,]+)\|)?(\w+):(.*)$/.exec(entry) ?? [];
    const steps = [...text.matchAll(/(asin|[*/+])(-?[\d.]+(?:e[+-]?\d+)?)?/g)].map((m) => ({
      operator: m[1]!,
      by: Number(m[2] ?? 0),
    }));
    units.set(name.toLowerCase(), steps);
    for (const prefix of before ? before.split(',') : [])
      units.set((prefix + name).toLowerCase(), [...steps, { operator: '*', by: prefixes[prefix]! }]);
  }
  return units;
}

const examples: Readonly<Record<string, readonly Example[]>> = {
  angle: [
    ["convert_angle(1.2, 'Degree', 'Arcminute')", 72],
    ["convert_angle(1.2, 'Degree', 'Mile')", null],
    ["round(convert_angle(0.5, 'Tilt', 'Degree'), 9)", 30],
  ],
  energy: [["round(convert_energy(1.2, 'Joule', 'BritishThermalUnit'), 17)", 0.00113738054437598]],
  force: [["convert_force(1.2, 'Newton', 'Decanewton')", 0.12]],
  length: [
    ["round(convert_length(1.2, 'Meter', 'Foot'), 12)", 3.937007874016],
    ["round(convert_length(1.0, 'Kiloparsec', 'Parsec'), 6)", 1000],
  ],
  mass: [["round(convert_mass(1.2, 'Kilogram', 'Pound'), 12)", 2.645547146219]],
  speed: [["convert_speed(1.2, 'MeterPerSecond', 'CentimeterPerHour')", 432000]],
  temperature: [
    ["round(convert_temperature(1.2, 'Kelvin', 'DegreeCelsius'), 9)", -271.95],
    ["round(convert_temperature(32.0, 'DegreeFahrenheit', 'DegreeDelisle'), 9)", 150],
  ],
  volume: [["convert_volume(1.2, 'CubicMeter', 'AcreFoot')", 0.0009728568]],
};

export const unitConversions: readonly HostedFunction[] = Object.entries(quantities).map(([quantity, table]) => {
  const units = unitsOf(table);
  return hosted({
    name: `convert_${quantity}`,
    docs: `https://learn.microsoft.com/kusto/query/convert-${quantity}-function`,
    trap: 'A unit that is not known gives null.',
    evaluate: ([value, from, to]) => {
      const [source, target] = [from, to].map((u) => units.get(String(u).toLowerCase()));
      if (value === null || !source || !target) return null;
      return fromBase(toBase(Number(value), source), target);
    },
    examples: examples[quantity]!,
  });
});
