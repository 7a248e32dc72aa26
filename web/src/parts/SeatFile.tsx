// A hall from a file: chosen or pasted, and what is wrong in it, line by line.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { FieldError } from "../types";
import { t, tn } from "../words";
import { Field } from "./Form";
import { Notice } from "./Notice";

const EXAMPLE = "section,row,seat_id,price_minor,currency\nstalls,A,A1,4500,EUR\nstalls,A,A2,4500,EUR\nstalls,B,B1,3900,EUR\n";
/** What the API takes of a seat map. */
const MAX_FILE_BYTES = 5 * 1024 * 1024;

export function SeatFile({ file, setFile, wrong }: { file: string; setFile: (file: string) => void; wrong: FieldError[] }): JSX.Element {
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
      <Field words={t("new.fileChoose")}>
        <input type="file" accept=".csv,text/csv" onChange={(event) => void read(event.currentTarget.files?.[0])} />
      </Field>
      {large && <Notice tone="bad" title={t("new.fileLarge")} urgent />}
      <Field words={t("new.fileText")}>
        <textarea rows={10} spellcheck={false} class="mono" value={file} placeholder={EXAMPLE} onInput={(event) => setFile(event.currentTarget.value)} />
      </Field>
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
