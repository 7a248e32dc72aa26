// A new event: what it is, and its hall, drawn from sections of rows or read from a file. What is wrong is said beside where
// it stands: in a file, at its line. What was filled in is kept in this browser, for its account, until the event is there.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { announcementOf, isPast, zoneHere, type Fields } from "../announcement";
import { Problem } from "../api";
import { minorOf } from "../format";
import { keep, kept } from "../kept";
import { checkFile, create, importFile, newSection, sectionRequests, type DrawnSection } from "../organising";
import { AboutEvent, Past } from "../parts/AboutEvent";
import { Draw } from "../parts/Draw";
import { Field, Form } from "../parts/Form";
import { Notice } from "../parts/Notice";
import { SeatFile } from "../parts/SeatFile";
import { Title } from "../parts/Shell";
import { serverNow } from "../parts/clock";
import { account } from "../person";
import { go } from "../router";
import type { Kind } from "../types";
import { t } from "../words";

const KINDS: Kind[] = ["concert", "theatre", "sports", "movie", "train", "other"];
/** A longer file is chosen again after a reload: browsers keep some megabytes for all of a page. */
const MAX_KEPT_FILE = 500_000;

/** What is kept of a form that was not sent yet. */
interface Draft {
  fields: Fields;
  kind: Kind;
  asFile: boolean;
  sections: DrawnSection[];
  currency: string;
  file: string;
  /** The event that waits for its file. */
  waiting: string | null;
}

export function NewEvent(): JSX.Element {
  const [turn, next] = useState(0);
  const name = `new-event.${account.value!.user_id}`;
  const afresh = (): void => {
    keep(name, undefined);
    next(turn + 1);
  };
  return <Announce key={turn} name={name} afresh={afresh} />;
}

function Announce({ name, afresh }: { name: string; afresh: () => void }): JSX.Element {
  const [before] = useState(() => kept<Draft | null>(name, null));
  const [kind, setKind] = useState<Kind>(before?.kind ?? "theatre");
  const [asFile, setAsFile] = useState(before?.asFile ?? false);
  const [sections, setSections] = useState<DrawnSection[]>(before?.sections ?? [newSection(t("new.stalls"), 12, "45"), newSection(t("new.balcony"), 8, "30")]);
  const [currency, setCurrency] = useState(before?.currency ?? "EUR");
  const [file, setFile] = useState(before?.file ?? "");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [past, setPast] = useState(false);
  const [waiting, setWaiting] = useState<string | null>(before?.waiting ?? null);
  const fields = useRef<Fields>(before?.fields ?? { time_zone: zoneHere() });
  const untouched = useRef(true);

  const remember = (made = waiting): void =>
    keep(name, { fields: fields.current, kind, asFile, sections, currency, file: file.length <= MAX_KEPT_FILE ? file : "", waiting: made } satisfies Draft);
  useEffect(() => {
    if (!untouched.current) remember();
    untouched.current = false;
  }, [kind, asFile, sections, currency, file]);

  const send = async (form: FormData): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      changed(form);
      if (isPast(fields.current, serverNow()) && !form.has("past")) return setPast(true);
      const about = announcementOf(fields.current, kind);
      let eventId = waiting;
      if (asFile) {
        // A file belongs to an event that waits for it; one that is wrong can be mended and sent to the same.
        eventId ??= (await create({ ...about, publish: false })).event_id;
        // Its key is forgotten by now: a reload must find the event itself.
        remember(eventId);
        setWaiting(eventId);
        await checkFile(eventId, file);
        await importFile(eventId, file);
      } else {
        eventId = (await create({ ...about, sections: sectionRequests(sections, currency, (price) => minorOf(price, currency)) })).event_id;
      }
      keep(name, undefined);
      go(`/organise/${eventId}`);
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  const changed = (form: FormData): void => {
    const said = [...form].filter(([field]) => field !== "past" && !field.startsWith("sections."));
    fields.current = { ...fields.current, ...(Object.fromEntries(said) as Fields) };
    if (past && !isPast(fields.current, serverNow())) setPast(false);
    remember();
  };

  const draw = (drawn: DrawnSection[]): void => {
    // What is wrong in a section is known by its place, which is another's when one goes.
    if (drawn.length < sections.length) setError(besidesSections(error));
    setSections(drawn);
  };

  const wrong = error instanceof Problem ? (error.document.errors ?? []) : [];
  const inFile = asFile && wrong.some((one) => one.line);
  return (
    <section class="new-event">
      <Title tab={t("new.title")}>{t("new.title")}</Title>
      {before && (
        <Notice title={t("new.draft")}>
          <button type="button" class="button small" onClick={afresh}>
            {t("new.afresh")}
          </button>
        </Notice>
      )}
      <Form class="new-form" {...{ send, changed }} error={inFile ? null : error} go={t(busy ? "new.busy" : "new.go")} idle={busy || (asFile && !file.trim())}>
        <AboutEvent
          kind={kind}
          first={fields.current}
          disabled={waiting !== null}
          chosen={
            <Field words={t("new.kind")}>
              <select value={kind} onChange={(event) => setKind(event.currentTarget.value as Kind)}>
                {KINDS.map((one) => (
                  <option value={one}>{t(`kind.${one}`)}</option>
                ))}
              </select>
            </Field>
          }
        />
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
            <SeatFile {...{ file, setFile }} wrong={inFile ? wrong : []} />
          ) : (
            <Draw {...{ sections, currency, setCurrency, kind }} setSections={draw} />
          )}
        </section>
        {past && <Past fields={fields.current} />}
      </Form>
    </section>
  );
}

function besidesSections(error: unknown): unknown {
  if (!(error instanceof Problem) || !error.document.errors) return error;
  const errors = error.document.errors.filter(({ field }) => !field.startsWith("sections."));
  return errors.length ? new Problem({ ...error.document, errors }, error.retryAfterS) : null;
}
