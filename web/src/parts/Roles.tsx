// Who may do what: an operator gives an account its role. It counts from the person's next look on (person.ts).
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ask, Problem } from "../api";
import type { Account } from "../types";
import { t } from "../words";
import { Field, Form } from "./Form";
import { Notice } from "./Notice";

const ROLES: Account["role"][] = ["organiser", "operator", "customer"];

export function Roles(): JSX.Element {
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [given, setGiven] = useState<Account | null>(null);
  const send = async (form: FormData): Promise<void> => {
    setBusy(true);
    setError(null);
    setGiven(null);
    try {
      const userId = encodeURIComponent(String(form.get("user_id")).trim());
      setGiven((await ask<Account>(`/api/accounts/${userId}/role`, { method: "PUT", body: { role: form.get("role") } })).body);
    } catch (problem) {
      const unknown = problem instanceof Problem && problem.slug === "not-found";
      setError(unknown ? problem.at("user_id", t("roles.unknown")) : problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <section class="panel">
      <h2>{t("roles.title")}</h2>
      <p class="soft">{t("roles.lead")}</p>
      <Form
        class="roles"
        {...{ error, send }}
        go={t("roles.give")}
        idle={busy}
        foot={
          <div role="status">
            {given && <Notice tone="good" title={t("roles.given", { user: given.user_id, role: t(`role.${given.role}`) })} />}
          </div>
        }
      >
        <Field name="user_id" words={t("signIn.name")}>
          <input required maxLength={64} autocomplete="off" autocapitalize="none" spellcheck={false} pattern="[A-Za-z0-9._~\-]+" title={t("register.nameHelp")} />
        </Field>
        <Field name="role" words={t("mine.role")}>
          <select>
            {ROLES.map((role) => (
              <option value={role}>{t(`role.${role}`)}</option>
            ))}
          </select>
        </Field>
      </Form>
    </section>
  );
}
