// What is said of an event, as fields: the same for a new one and for one that is there (pages/NewEvent.tsx, parts/EditEvent.tsx).
import type { ComponentChildren, JSX } from "preact";
import { momentAt, zonesWith, type Fields } from "../announcement";
import { day } from "../format";
import type { Kind } from "../types";
import { t } from "../words";
import { Field } from "./Form";
import { Notice } from "./Notice";

const HOLDS = [0, 120, 300, 600, 900];
/** Years have four digits: without a bound, browsers let one type six. */
const LAST = "9999-12-31T23:59";

interface Props {
  kind: Kind;
  /** What the fields say at first. */
  first: Fields;
  /** Whether it is there already: its kind, its way and whether it has a limit stay. */
  there?: boolean;
  /** Its kind, where that can be chosen. */
  chosen?: ComponentChildren;
  disabled?: boolean;
}

export function AboutEvent({ kind, first, there = false, chosen, disabled = false }: Props): JSX.Element {
  const held = Number(first.hold_seconds || 600);
  const limited = !there || !!first.max_seats_per_user;
  return (
    <>
      <fieldset class="panel" disabled={disabled}>
        <h2>{t("new.about")}</h2>
        <Field name="name" words={t("new.name")}>
          <input required maxLength={200} defaultValue={first.name} />
        </Field>
        <div class="pair">
          {chosen}
          <Field name="date" words={t(kind === "train" ? "new.departure" : "new.date")}>
            <input type="datetime-local" max={LAST} required defaultValue={first.date} />
          </Field>
          {kind === "train" && (
            <Field name="arrival" words={t("new.arrival")}>
              <input type="datetime-local" max={LAST} required defaultValue={first.arrival} />
            </Field>
          )}
        </div>
        {kind === "train" && !there && (
          <div class="pair">
            <Field name="origin" words={t("find.origin")}>
              <input required maxLength={200} defaultValue={first.origin} />
            </Field>
            <Field name="destination" words={t("find.destination")}>
              <input required maxLength={200} defaultValue={first.destination} />
            </Field>
          </div>
        )}
        <div class="pair">
          <Field name="venue" words={t("new.venue")} help={t("new.venueHelp")}>
            <input required maxLength={200} defaultValue={first.venue} />
          </Field>
          <Field name="place" words={t("new.place")} help={t("new.placeHelp")} optional>
            <input maxLength={200} defaultValue={first.place} />
          </Field>
        </div>
        <Field name="time_zone" words={t("new.zone")} help={t("new.zoneHelp")}>
          <select required>
            <option value="">{t("new.zoneNone")}</option>
            {[...zonesWith(first.time_zone ?? "")].map(([part, zones]) => (
              <optgroup label={part}>
                {zones.map((zone) => (
                  <option value={zone} selected={zone === first.time_zone}>
                    {zoneName(zone)}
                  </option>
                ))}
              </optgroup>
            ))}
          </select>
        </Field>
        <Field name="description" words={t("new.description")} optional>
          <textarea rows={3} maxLength={4000} defaultValue={first.description} />
        </Field>
      </fieldset>
      <fieldset class="panel" disabled={disabled}>
        <h2>{t("new.sale")}</h2>
        <Field name="hold_seconds" words={t("new.hold")}>
          <select>
            {[...new Set([...HOLDS, held])].map((seconds) => (
              <option value={seconds} selected={seconds === held}>
                {seconds ? t("new.holdFor", { minutes: Math.round(seconds / 6) / 10 }) : t("new.holdNot")}
              </option>
            ))}
          </select>
        </Field>
        {limited && (
          <Field name="max_seats_per_user" words={t("new.most")} help={there ? "" : t("new.mostHelp")} optional={!there}>
            <input type="number" min={1} max={1000} required={there} placeholder={t("new.noLimit")} defaultValue={first.max_seats_per_user} />
          </Field>
        )}
        <Field name="on_sale_at" words={t("new.onSale")} help={t("new.onSaleHelp")} optional>
          <input type="datetime-local" max={LAST} defaultValue={first.on_sale_at} />
        </Field>
        {(kind === "movie" || kind === "train" || kind === "theatre") && (
          <Field name="production_name" words={t("new.production")} help={t("new.productionHelp")} optional>
            <input maxLength={200} defaultValue={first.production_name} />
          </Field>
        )}
      </fieldset>
    </>
  );
}

/** Asked of whoever gives a day that is over; nothing is sent before they say that it is meant. */
export function Past({ fields: { date, time_zone: zone } }: { fields: Fields }): JSX.Element {
  return (
    <Notice tone="warn" title={t("new.past", { day: day(momentAt(date!, zone!), zone!) })} urgent>
      <label class="check">
        <input type="checkbox" name="past" required />
        <span>{t("new.pastMeant")}</span>
      </label>
    </Notice>
  );
}

/** ``America/New_York`` among those of America: New York. */
function zoneName(zone: string): string {
  const [, ...rest] = zone.split("/");
  return (rest.join(", ") || zone).replaceAll("_", " ");
}
