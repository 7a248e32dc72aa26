// An event that is there, to be changed: only what was changed here is sent (PATCH), so nothing that the form lacks is lost.
import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { changesOf, fieldsOf, isPast, type Fields } from "../announcement";
import { command } from "../commands";
import type { EventDetails } from "../types";
import { t } from "../words";
import { AboutEvent, Past } from "./AboutEvent";
import { serverNow } from "./clock";
import { Form } from "./Form";
import { Notice } from "./Notice";

export function EditEvent({ path, event }: { path: string; event: EventDetails }): JSX.Element {
  // As it was when the form was opened: what the stream tells meanwhile changes nothing under somebody's hands.
  const [before, setBefore] = useState(event);
  const fields = useRef<Fields>(fieldsOf(event));
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [done, setDone] = useState("");
  const [past, setPast] = useState(false);
  const changed = (form: FormData): void => {
    fields.current = { ...fields.current, ...(Object.fromEntries(form) as Fields) };
    setDone("");
    if (past && !isPast(fields.current, serverNow())) setPast(false);
  };
  const send = async (form: FormData): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      changed(form);
      const changes = changesOf(fields.current, before);
      if (!Object.keys(changes).length) return setDone(t("edit.nothing"));
      if ("date" in changes && isPast(fields.current, serverNow()) && !form.has("past")) return setPast(true);
      await command(path, { method: "PATCH", body: changes });
      setBefore({ ...before, ...changes } as EventDetails);
      setPast(false);
      setDone(t("edit.done"));
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Form class="new-form" {...{ error, send, changed }} go={t("edit.save")} idle={busy} foot={<div role="status">{done && <Notice tone="good" title={done} />}</div>}>
      <AboutEvent there kind={before.kind} first={fields.current} />
      {past && <Past fields={fields.current} />}
    </Form>
  );
}
