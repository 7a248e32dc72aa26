// What seats are called, to people: by section, row and number where the plan knows them.
import { list } from "../format";
import { t, tn } from "../words";
import type { Plan, Price } from "./plan";

/** A section's name as people write it: ``lower-north`` is “Lower north”. */
export function sectionName(name: string): string {
  const spaced = name.replace(/[-_.~]+/g, " ").trim();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

/** What a price is for: a category, or the sections that have it; an arena's many are told by the first. */
export function priceName(price: Price): string {
  const [first, second] = price.labels.map(sectionName);
  if (price.labels.length > 2) return t("price.more", { first: first!, more: price.labels.length - 1 });
  return second ? list([first!, second]) : first!;
}

export function seatInRow(plan: Plan, seat: number): string {
  const { row, number } = plan.seats[seat]!;
  return row ? t("seat.name", { row, number }) : t("seat.nameAlone", { number });
}

export function seatName(plan: Plan, seat: number): string {
  if (plan.sections.length === 1) return seatInRow(plan, seat);
  return t("seat.in", { section: sectionName(plan.sections[plan.seats[seat]!.section]!.section), seat: seatInRow(plan, seat) });
}

/** Seats by their ids alone, where no plan is at hand or it does not have them. */
export function seatNames(plan: Plan | null, ids: string[]): string {
  const rows = new Map<string, number[]>();
  const places = new Map<string, number>();
  const others: string[] = [];
  for (const id of ids) {
    const index = plan?.byId.get(id);
    if (index === undefined || !plan) {
      const general = plan?.sections.find((one) => one.general_admission && id.startsWith(`${one.section}~`));
      if (general) places.set(general.section, (places.get(general.section) ?? 0) + 1);
      else others.push(id);
      continue;
    }
    const { section, row } = plan.seats[index]!;
    const key = `${section} ${row}`;
    rows.set(key, [...(rows.get(key) ?? []), index]);
  }
  const named = [...rows.values()].map((seats) => seatsOfRow(plan!, seats));
  const counted = [...places].map(([section, count]) => tn("seat.places", count, { section: sectionName(section) }));
  return list([...named, ...counted, ...others]);
}

/** Seats of one row: “Row C, seats 10 and 11”. */
function seatsOfRow(plan: Plan, seats: number[]): string {
  if (seats.length === 1) return seatName(plan, seats[0]!);
  const { row, section } = plan.seats[seats[0]!]!;
  const numbers = list(seats.map((seat) => plan.seats[seat]!.number));
  const named = row ? t("seat.names", { row, numbers }) : t("seat.namesAlone", { numbers });
  if (plan.sections.length === 1) return named;
  return t("seat.in", { section: sectionName(plan.sections[section]!.section), seat: named });
}
