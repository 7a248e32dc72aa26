// What seats are called, to people: by section, row and number where the plan knows them.
import { list } from "../format";
import { t } from "../words";
import type { Plan } from "./plan";

/** A section's name as people write it: ``lower-north`` is “Lower north”. */
export function sectionName(name: string): string {
  const spaced = name.replace(/[-_.~]+/g, " ").trim();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
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
  return list(
    ids.map((id) => {
      const seat = plan?.byId.get(id);
      return seat === undefined || !plan ? id : seatName(plan, seat);
    }),
  );
}
