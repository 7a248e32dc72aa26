// A new event: what it is, and its hall, drawn from sections of rows or read from a file. What is wrong is said beside where
// it stands: in a file, at its line.
import type { ComponentChildren, JSX, TargetedSubmitEvent } from "preact";
import { useMemo, useState } from "preact/hooks";
import { Problem } from "../api";
import { count, minorOf } from "../format";
import { checkFile, create, importFile, MAX_ROWS, MAX_SEATS_A_ROW, momentAt, newSection, preview, sectionRequests, type DrawnSection } from "../organising";
import { Icon } from "../parts/Icon";
import { Legend } from "../parts/Legend";
import { Notice, Trouble } from "../parts/Notice";
import { Title } from "../parts/Shell";
import { go } from "../router";
import { planOf } from "../seatmap/plan";
import { planPainter } from "../seatmap/painters";
import { seatName, sectionName } from "../seatmap/names";
import { SeatMap } from "../seatmap/SeatMap";
import type { FieldError, Kind } from "../types";
import { t, tn } from "../words";

const KINDS: Kind[] = ["concert", "theatre", "sports", "movie", "train", "other"];
const CURRENCIES = ["EUR", "GBP", "USD", "CHF", "SEK", "JPY"];
const HOLDS = [0, 120, 300, 600, 900];
const EXAMPLE = "section,row,seat_id,price_minor,currency\nstalls,A,A1,4500,EUR\nstalls,A,A2,4500,EUR\nstalls,B,B1,3900,EUR\n";
/** What the API takes of a seat map. */
const MAX_FILE_BYTES = 5 * 1024 * 1024;
const MAX_PREVIEW_SEATS = 50_000;
const zones = Intl.supportedValuesOf("timeZone");

export function NewEvent(): JSX.Element {
  const [kind, setKind] = useState<Kind>("theatre");
  const [asFile, setAsFile] = useState(false);
  const [sections, setSections] = useState<DrawnSection[]>([newSection("Stalls", 12, 20), newSection("Balcony", 8, 20)]);
  const [currency, setCurrency] = useState("EUR");
  const [file, setFile] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [draft, setDraft] = useState<string | null>(null);

  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setError(null);
    try {
      if (!asFile) {
        const made = await create({ ...about(form, kind), sections: sectionRequests(sections, currency, (price) => minorOf(price, currency)) });
        go(`/organise/${made.event_id}`);
        return;
      }
      // A file belongs to an event that waits for it; one that is wrong can be mended and sent to the same.
      const eventId = draft ?? (await create({ ...about(form, kind), publish: false })).event_id;
      setDraft(eventId);
      await checkFile(eventId, file);
      await importFile(eventId, file);
      go(`/organise/${eventId}`);
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };

  const wrong = error instanceof Problem ? (error.document.errors ?? []) : [];
  return (
    <section class="new-event">
      <Title tab={t("new.title")}>{t("new.title")}</Title>
      <form class="new-form" onSubmit={(event) => void submit(event)}>
        <fieldset class="panel" disabled={draft !== null}>
          <h2>{t("new.about")}</h2>
          <Labelled words={t("new.name")}>
            <input name="name" required maxLength={200} />
          </Labelled>
          <div class="pair">
            <Labelled words={t("new.kind")}>
              <select value={kind} onChange={(event) => setKind(event.currentTarget.value as Kind)}>
                {KINDS.map((one) => (
                  <option value={one}>{t(`kind.${one}`)}</option>
                ))}
              </select>
            </Labelled>
            <Labelled words={t(kind === "train" ? "new.departure" : "new.date")}>
              <input name="date" type="datetime-local" required />
            </Labelled>
          </div>
          {kind === "train" && (
            <>
              <Labelled words={t("new.arrival")}>
                <input name="arrival" type="datetime-local" required />
              </Labelled>
              <div class="pair">
                <Labelled words={t("find.origin")}>
                  <input name="origin" required maxLength={200} />
                </Labelled>
                <Labelled words={t("find.destination")}>
                  <input name="destination" required maxLength={200} />
                </Labelled>
              </div>
            </>
          )}
          <div class="pair">
            <Labelled words={t("new.venue")}>
              <input name="venue" required maxLength={200} />
            </Labelled>
            <Labelled words={t("find.place")}>
              <input name="place" maxLength={200} />
            </Labelled>
          </div>
          <Labelled words={t("new.zone")}>
            <input name="time_zone" list="zones" required defaultValue={Intl.DateTimeFormat().resolvedOptions().timeZone} />
          </Labelled>
          <datalist id="zones">
            {zones.map((zone) => (
              <option value={zone} />
            ))}
          </datalist>
          <Labelled words={t("new.description")}>
            <textarea name="description" rows={3} maxLength={4000} />
          </Labelled>
        </fieldset>
        <fieldset class="panel" disabled={draft !== null}>
          <h2>{t("new.sale")}</h2>
          <div class="pair">
            <Labelled words={t("new.hold")}>
              <select name="hold_seconds">
                {HOLDS.map((seconds) => (
                  <option value={seconds} selected={seconds === 600}>
                    {seconds ? t("new.holdFor", { minutes: seconds / 60 }) : t("new.holdNot")}
                  </option>
                ))}
              </select>
            </Labelled>
            <Labelled words={t("new.most")}>
              <input name="most" type="number" min={1} max={1000} placeholder={t("new.noLimit")} />
            </Labelled>
          </div>
          <Labelled words={t("new.onSale")}>
            <input name="on_sale_at" type="datetime-local" />
          </Labelled>
          {(kind === "movie" || kind === "train" || kind === "theatre") && (
            <Labelled words={t("new.production")}>
              <input name="production_name" maxLength={200} placeholder={t("new.productionHelp")} />
            </Labelled>
          )}
        </fieldset>
        <section class="panel new-hall" aria-label={t("new.hall")}>
          <div class="head-row">
            <h2>{t("new.hall")}</h2>
            <div class="segmented" role="group" aria-label={t("new.hallHow")}>
              <button type="button" aria-pressed={!asFile} onClick={() => setAsFile(false)}>
                {t("new.draw")}
              </button>
              <button type="button" aria-pressed={asFile} onClick={() => setAsFile(true)}>
                {t("new.file")}
              </button>
            </div>
          </div>
          {asFile ? (
            <SeatFile {...{ file, setFile }} wrong={wrong} />
          ) : (
            <Draw {...{ sections, setSections, currency, setCurrency, kind }} />
          )}
        </section>
        {error !== null && !(asFile && wrong.some((one) => one.line)) && <Trouble error={error} />}
        <button type="submit" class="button primary wide" disabled={busy || (asFile && !file.trim())}>
          {t(busy ? "new.busy" : "new.go")}
        </button>
      </form>
    </section>
  );
}

function about(form: FormData, kind: Kind): object {
  const said = (name: string): string => String(form.get(name) ?? "").trim();
  const zone = said("time_zone");
  const date = momentAt(said("date"), zone);
  const production = said("production_name");
  return {
    name: said("name"),
    kind,
    date,
    time_zone: zone,
    venue: said("venue"),
    description: said("description"),
    hold_seconds: Number(said("hold_seconds")),
    ...(said("place") ? { place: said("place") } : {}),
    ...(said("most") ? { max_seats_per_user: Number(said("most")) } : {}),
    ...(said("on_sale_at") ? { on_sale_at: momentAt(said("on_sale_at"), zone) } : {}),
    ...(kind === "train"
      ? { departure: date, arrival: momentAt(said("arrival"), zone), origin: said("origin"), destination: said("destination") }
      : {}),
    ...(production ? { production_name: production, production_id: production.toLowerCase().replace(/[^a-z0-9]+/g, "-").slice(0, 64) } : {}),
  };
}

function Labelled({ words, children }: { words: string; children: ComponentChildren }): JSX.Element {
  return (
    <label class="field">
      <span>{words}</span>
      {children}
    </label>
  );
}

interface DrawProps {
  sections: DrawnSection[];
  setSections: (sections: DrawnSection[]) => void;
  currency: string;
  setCurrency: (currency: string) => void;
  kind: Kind;
}

function Draw({ sections, setSections, currency, setCurrency, kind }: DrawProps): JSX.Element {
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
              <Labelled words={t("list.section")}>
                <input required maxLength={64} value={section.name} onInput={(event) => change(section.key, { name: event.currentTarget.value })} />
              </Labelled>
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
                <Whole words={t("new.places")} most={1_000_000} value={section.places} set={(places) => change(section.key, { places })} />
              ) : (
                <>
                  <Whole words={t("new.rows")} most={MAX_ROWS} value={section.rows} set={(rows) => change(section.key, { rows })} />
                  <Whole words={t("new.seats")} most={MAX_SEATS_A_ROW} value={section.seats} set={(seats) => change(section.key, { seats })} />
                </>
              )}
              <Labelled words={t("new.price")}>
                <input inputMode="decimal" pattern="\d{1,9}([.,]\d{1,3})?" value={section.price} onInput={(event) => change(section.key, { price: event.currentTarget.value })} />
              </Labelled>
            </div>
            <label class="check">
              <input type="checkbox" checked={section.standing} onChange={(event) => change(section.key, { standing: event.currentTarget.checked })} />
              <span>{t("new.standing")}</span>
            </label>
            {at === sections.length - 1 && (
              <div class="row">
                <button type="button" class="button small" onClick={() => setSections([...sections, newSection(t("new.sectionNumber", { number: sections.length + 1 }))])}>
                  <Icon name="plus" size={18} />
                  {t("new.with")}
                </button>
                <label class="row currency">
                  <span>{t("new.currency")}</span>
                  <select value={currency} onChange={(event) => setCurrency(event.currentTarget.value)}>
                    {CURRENCIES.map((one) => (
                      <option>{one}</option>
                    ))}
                  </select>
                </label>
              </div>
            )}
          </div>
        ))}
        <p role="status">
          <strong>{tn("pick.count", total, { count: count(total) })}</strong>
        </p>
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

function Whole({ words, most, value, set }: { words: string; most: number; value: number; set: (value: number) => void }): JSX.Element {
  return (
    <Labelled words={words}>
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
    </Labelled>
  );
}

function SeatFile({ file, setFile, wrong }: { file: string; setFile: (file: string) => void; wrong: FieldError[] }): JSX.Element {
  const [large, setLarge] = useState(false);
  const lines = file.split("\n");
  const read = async (chosen: File | undefined): Promise<void> => {
    if (!chosen) return;
    setLarge(chosen.size > MAX_FILE_BYTES);
    if (chosen.size <= MAX_FILE_BYTES) setFile(await chosen.text());
  };
  return (
    <div class="seat-file">
      <p class="soft">{t("new.fileHelp")}</p>
      <label class="field">
        <span>{t("new.fileChoose")}</span>
        <input type="file" accept=".csv,text/csv" onChange={(event) => void read(event.currentTarget.files?.[0])} />
      </label>
      {large && <Notice tone="bad" title={t("new.fileLarge")} urgent />}
      <label class="field">
        <span>{t("new.fileText")}</span>
        <textarea rows={10} spellcheck={false} class="mono" value={file} placeholder={EXAMPLE} onInput={(event) => setFile(event.currentTarget.value)} />
      </label>
      {wrong.length > 0 && (
        <Notice tone="bad" title={tn("new.wrong", wrong.length)} urgent>
          <ol class="wrong-lines">
            {wrong.slice(0, 100).map((one) => (
              <li>
                {one.line ? <strong>{t("new.line", { line: one.line })}</strong> : null} {one.field} {one.message}
                {one.line && lines[one.line - 1] !== undefined && <code>{lines[one.line - 1]}</code>}
              </li>
            ))}
          </ol>
        </Notice>
      )}
    </div>
  );
}
