/** When a rule holds: a window of instants or of local times of day (docs/spec/policy.md, "Times"). */

export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

export type Day = (typeof DAYS)[number];

/** As a policy has it. Both times are of one kind: of day (`HH:MM`), or RFC 3339 instants. */
export interface When {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly days?: readonly Day[] | undefined;
  readonly timeZone?: string | undefined;
}

/** What is wrong with a `when`, where in it, and what to do. */
export interface WhenFault {
  readonly at: keyof When | undefined;
  readonly message: string;
  readonly help: string;
}

const TIME_OF_DAY = /^([01][0-9]|2[0-3]):([0-5][0-9])$/;
const INSTANT =
  /^([0-9]{4})-(0[1-9]|1[0-2])-([0-3][0-9])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])$/;

/** Whether the text is a time of day such as `09:30`, or an RFC 3339 instant. */
export function isTime(text: string): boolean {
  return TIME_OF_DAY.test(text) || isInstant(text);
}

/** `Date.parse` takes 30 February for a day in March. */
function isInstant(text: string): boolean {
  const [, year, month, day] = INSTANT.exec(text) ?? [];
  // Leap years come again after 400.
  const lastDay = new Date(Date.UTC(2000 + (Number(year) % 400), Number(month), 0)).getUTCDate();
  return Number(day) >= 1 && Number(day) <= lastDay;
}

/** What spans the fields of a `when`; each field by itself is known to be well-formed. */
export function whenFaults({ from, to, days, timeZone }: When): WhenFault[] {
  const times = [from, to].filter((time) => time !== undefined);
  const isOfDay = times.some((time) => TIME_OF_DAY.test(time));
  const faults: WhenFault[] = [];
  const fault = (at: WhenFault["at"], message: string, help: string) => faults.push({ at, message, help });
  if (times.length === 0 && days === undefined)
    fault(undefined, "an empty `when` says nothing", "give `from`, `to` or `days`, or leave `when` out");
  if (isOfDay && times.some((time) => !TIME_OF_DAY.test(time)))
    fault("to", "`from` and `to` are of two kinds", "write both as `HH:MM`, or both as instants");
  else if (to !== undefined && isEmptyWindow(from, to, isOfDay))
    fault(
      "to",
      "no time is from `from` on and before `to`",
      "the window ends before `to`: leave it out for no end",
    );
  if (timeZone !== undefined && !isTimeZone(timeZone))
    fault("timeZone", "no time zone has this name", "use a name such as `Europe/Berlin`, or `UTC`");
  if (timeZone !== undefined && times.length > 0 && !isOfDay && days === undefined)
    fault(
      "timeZone",
      "a time zone changes nothing about instants",
      "remove it: an instant says its own offset",
    );
  return faults;
}

/** A window of times of day may run over midnight, one of instants not. */
function isEmptyWindow(from: string | undefined, to: string, isOfDay: boolean): boolean {
  if (isOfDay) return (from ?? "00:00") === to;
  return from !== undefined && Date.parse(from) >= Date.parse(to);
}

/** Offsets such as `+02:00` are taken by some versions of the platform only. */
function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Beyond, there are no dates. */
const MAX_EPOCH_MS = 8.64e15;

/**
 * Compiles a checked `when`.
 *
 * @returns whether it holds at an epoch in ms; `undefined` for what is no time
 */
export function compileWhen({ from, to, days, timeZone }: When): (now: unknown) => boolean | undefined {
  const isOfDay = [from, to].some((time) => time !== undefined && TIME_OF_DAY.test(time));
  const local = localTimes(timeZone);
  const holds = isOfDay
    ? dailyWindow(minuteOf(from) ?? 0, minuteOf(to) ?? MINUTES_A_DAY, days, local)
    : instants(from, to, days, local);
  return (now) =>
    typeof now === "number" && Math.abs(now) <= MAX_EPOCH_MS ? holds(Math.floor(now)) : undefined;
}

/** What a clock on a wall of the time zone shows: for people. */
export function describeTime(now: number, { timeZone = "UTC" }: When): string {
  const { day, minute } = localTimes(timeZone)(Math.floor(now));
  const two = (value: number) => String(value).padStart(2, "0");
  return `${DAYS[day]} ${two(Math.floor(minute / 60))}:${two(minute % 60)} ${timeZone}`;
}

const MINUTES_A_DAY = 24 * 60;

function minuteOf(time: string | undefined): number | undefined {
  const [, hours, minutes] = TIME_OF_DAY.exec(time ?? "") ?? [];
  return hours === undefined ? undefined : Number(hours) * 60 + Number(minutes);
}

type HoldsAt = (now: number) => boolean;

function instants(
  from: string | undefined,
  to: string | undefined,
  days: readonly Day[] | undefined,
  local: LocalTimes,
): HoldsAt {
  const start = from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(from);
  const end = to === undefined ? Number.POSITIVE_INFINITY : Date.parse(to);
  const isDay = daySet(days);
  return (now) => start <= now && now < end && (days === undefined || isDay[local(now).day] === true);
}

/** `from` may be later than `to`: then the window runs over midnight, and belongs to the day on which it began. */
function dailyWindow(from: number, to: number, days: readonly Day[] | undefined, local: LocalTimes): HoldsAt {
  const isDay = daySet(days);
  return (now) => {
    const { day, minute } = local(now);
    const yesterday = (day + DAYS.length - 1) % DAYS.length;
    if (from < to) return from <= minute && minute < to && isDay[day] === true;
    return (from <= minute && isDay[day] === true) || (minute < to && isDay[yesterday] === true);
  };
}

function daySet(days: readonly Day[] = DAYS): readonly boolean[] {
  return DAYS.map((day) => days.includes(day));
}

interface LocalTime {
  /** Index into {@link DAYS}. */
  readonly day: number;
  /** Of the day. */
  readonly minute: number;
}

type LocalTimes = (now: number) => LocalTime;

const zones = new Map<string, LocalTimes>();

/** Asks the platform's time zone database at most once a second: a window is asked about on every call. */
function localTimes(timeZone = "UTC"): LocalTimes {
  const known = zones.get(timeZone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
  });
  let second = Number.NaN;
  let latest: LocalTime = { day: 0, minute: 0 };
  const times: LocalTimes = (now) => {
    // Offsets of long ago have seconds, none has fractions of them.
    if (Math.floor(now / 1000) === second) return latest;
    second = Math.floor(now / 1000);
    latest = localTime(format, now);
    return latest;
  };
  zones.set(timeZone, times);
  return times;
}

function localTime(format: Intl.DateTimeFormat, now: number): LocalTime {
  const parts = new Map(format.formatToParts(now).map(({ type, value }) => [type, value]));
  const day = parts.get("weekday")?.toLowerCase() ?? "";
  return {
    day: (DAYS as readonly string[]).indexOf(day),
    minute: Number(parts.get("hour")) * 60 + Number(parts.get("minute")),
  };
}
