// A hall drawn from sections of rows, and beside it the map as it will look.
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { count, minorOf } from "../format";
import { MAX_ROWS, MAX_SEATS_A_ROW, newSection, preview, type DrawnSection } from "../organising";
import { seatName, sectionName } from "../seatmap/names";
import { planPainter } from "../seatmap/painters";
import { planOf } from "../seatmap/plan";
import { SeatMap } from "../seatmap/SeatMap";
import type { Kind } from "../types";
import { t, tn } from "../words";
import { Field } from "./Form";
import { Icon } from "./Icon";
import { Legend } from "./Legend";

const CURRENCIES = ["EUR", "GBP", "USD", "CHF", "SEK", "JPY"];
const MAX_PREVIEW_SEATS = 50_000;

interface DrawProps {
  sections: DrawnSection[];
  setSections: (sections: DrawnSection[]) => void;
  currency: string;
  setCurrency: (currency: string) => void;
  kind: Kind;
}

export function Draw({ sections, setSections, currency, setCurrency, kind }: DrawProps): JSX.Element {
  const change = (key: string, fields: Partial<DrawnSection>): void =>
    setSections(sections.map((section) => (section.key === key ? { ...section, ...fields } : section)));
  const total = sections.reduce((sum, one) => sum + (one.standing ? one.places : one.rows * one.seats), 0);
  const plan = useMemo(
    () => (total <= MAX_PREVIEW_SEATS ? planOf(preview(sections, currency, (price) => minorOf(price, currency)), kind) : null),
    [sections, currency, kind],
  );
  const painter = useMemo(() => plan && planPainter(document.documentElement, plan), [plan]);
  return (
    <div class="draw">
      <div class="draw-form">
        {sections.map((section, at) => (
          <div class="drawn" role="group" aria-label={section.name || t("list.section")}>
            <div class="drawn-top">
              <Field name={`sections.${at}.section`} words={t("list.section")}>
                <input required maxLength={64} value={section.name} onInput={(event) => change(section.key, { name: event.currentTarget.value })} />
              </Field>
              <button
                type="button"
                class="tool"
                aria-label={t("new.without", { section: section.name })}
                disabled={sections.length === 1}
                onClick={() => setSections(sections.filter((one) => one.key !== section.key))}
              >
                <Icon name="close" />
              </button>
            </div>
            <div class="drawn-numbers">
              {section.standing ? (
                <Whole name={`sections.${at}.places`} words={t("new.places")} most={1_000_000} value={section.places} set={(places) => change(section.key, { places })} />
              ) : (
                <>
                  <Whole name={`sections.${at}.rows`} words={t("new.rows")} most={MAX_ROWS} value={section.rows} set={(rows) => change(section.key, { rows })} />
                  <Whole words={t("new.seats")} most={MAX_SEATS_A_ROW} value={section.seats} set={(seats) => change(section.key, { seats })} />
                </>
              )}
              <Field name={`sections.${at}.price_minor`} words={t("new.price", { currency })}>
                <input inputMode="decimal" pattern="\d{1,9}([.,]\d{1,3})?" title={t("new.priceHelp")} value={section.price} onInput={(event) => change(section.key, { price: event.currentTarget.value })} />
              </Field>
            </div>
            <label class="check">
              <input type="checkbox" checked={section.standing} onChange={(event) => change(section.key, { standing: event.currentTarget.checked })} />
              <span>{t("new.standing")}</span>
            </label>
          </div>
        ))}
        <button type="button" class="button" onClick={() => setSections([...sections, newSection(t("new.sectionNumber", { number: sections.length + 1 }))])}>
          <Icon name="plus" size={18} />
          {t("new.with")}
        </button>
        <div class="draw-whole">
          <Field words={t("new.currency")} help={t("new.currencyHelp")}>
            <select value={currency} onChange={(event) => setCurrency(event.currentTarget.value)}>
              {CURRENCIES.map((one) => (
                <option>{one}</option>
              ))}
            </select>
          </Field>
          <p role="status">
            <strong>{tn("pick.count", total, { count: count(total) })}</strong>
          </p>
        </div>
      </div>
      {plan && painter && (
        <div class="seats draw-preview">
          <SeatMap
            plan={plan}
            painter={painter}
            revision={0}
            label={t("new.preview")}
            describe={(seat) => ({ title: seatName(plan, seat), detail: plan.seats[seat]!.id })}
            words={{
              mark: (what) => (what === "stage" ? t("map.stage") : what === "screen" ? t("map.screen") : t("map.pitch")),
              area: (section) => ({ title: sectionName(plan.sections[section]!.section), detail: count(plan.sections[section]!.seats_total) }),
            }}
          />
          <Legend plan={plan} plain />
        </div>
      )}
    </div>
  );
}

function Whole({ name, words, most, value, set }: { name?: string; words: string; most: number; value: number; set: (value: number) => void }): JSX.Element {
  return (
    <Field name={name} words={words}>
      <input
        type="number"
        min={1}
        max={most}
        required
        value={value}
        onInput={(event) => {
          const wanted = Math.floor(event.currentTarget.valueAsNumber);
          if (wanted >= 1 && wanted <= most) set(wanted);
        }}
      />
    </Field>
  );
}
