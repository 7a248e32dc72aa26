// Signing in and registering. The session is a cookie that no script can read; this page only learns that there is one.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ask, Problem } from "../api";
import { Field, Form } from "../parts/Form";
import { Notice } from "../parts/Notice";
import { Title } from "../parts/Shell";
import { signedInNow } from "../person";
import { go, place } from "../router";
import { t } from "../words";

const MAX_USER_ID = 64;
/** Names of users are typed as they are. */
const AS_TYPED = { autocapitalize: "none", spellcheck: false, maxLength: 256, required: true } as const;

/** Where somebody wanted to go before they were asked to sign in; only ever a place of this page. */
function next(): string {
  const wanted = place.value.query.get("next") ?? "";
  return wanted.startsWith("/") && !wanted.startsWith("//") && !wanted.startsWith("/\\") ? wanted : "/mine";
}

export function SignIn(): JSX.Element {
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [letter, setLetter] = useState(false);
  const [name, setName] = useState("");
  const send = async (form: FormData): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await signIn(String(form.get("user_id")).trim(), String(form.get("password")));
      go(next(), "replace");
    } catch (problem) {
      setError(at(problem, "unauthenticated", "password", t("signIn.wrong")));
      setBusy(false);
    }
  };
  const forgot = async (): Promise<void> => {
    setError(null);
    try {
      await ask("/api/password-resets", { method: "POST", body: { user_id: name } });
      setLetter(true);
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <section class="narrow">
      <Title tab={t("signIn.title")}>{t("signIn.title")}</Title>
      <p class="lead">{place.value.query.has("next") ? t("signIn.needed") : t("signIn.lead")}</p>
      {letter && <Notice tone="good" title={t("signIn.sent")} />}
      <Form
        class="panel"
        {...{ error, send }}
        go={t("signIn.go")}
        idle={busy}
        changed={(form) => setName(String(form.get("user_id")).trim())}
        foot={
          <p class="row">
            <a class="link" href={`/register${location.search}`}>
              {t("signIn.register")}
            </a>
            <button type="button" class="link" disabled={!name} onClick={() => void forgot()}>
              {t("signIn.forgot")}
            </button>
          </p>
        }
      >
        <Field name="user_id" words={t("signIn.name")}>
          <input {...AS_TYPED} autocomplete="username" />
        </Field>
        <Field name="password" words={t("signIn.password")}>
          <input {...AS_TYPED} type="password" autocomplete="current-password" />
        </Field>
      </Form>
    </section>
  );
}

async function signIn(userId: string, password: string): Promise<void> {
  await ask("/api/sessions", { method: "POST", body: { user_id: userId, password } });
  await signedInNow();
}

/** A problem of this kind as one of a field, in our words. */
function at(problem: unknown, slug: string, field: string, message: string): unknown {
  return problem instanceof Problem && problem.slug === slug ? problem.at(field, message) : problem;
}

/** A user name that somebody of this name may like: what of it may stand in one. */
function suggested(name: string): string {
  return name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^\w.~ -]+/g, "")
    .trim()
    .replace(/ +/g, ".")
    .slice(0, MAX_USER_ID);
}

export function Register(): JSX.Element {
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [name, setName] = useState("");
  const [own, setOwn] = useState(false);
  const send = async (form: FormData): Promise<void> => {
    const told = (field: string): string => String(form.get(field) ?? "").trim();
    setBusy(true);
    setError(null);
    try {
      const email = told("email");
      const password = String(form.get("password"));
      const body = { user_id: told("user_id"), password, display_name: told("display_name"), ...(email ? { email } : {}) };
      await ask("/api/accounts", { method: "POST", body });
      await signIn(told("user_id"), password);
      go(next(), "replace");
    } catch (problem) {
      setError(at(problem, "conflict", "user_id", t("register.taken")));
      setBusy(false);
    }
  };
  return (
    <section class="narrow">
      <Title tab={t("register.title")}>{t("register.title")}</Title>
      <p class="lead">{t("register.lead")}</p>
      <Form
        class="panel"
        {...{ error, send }}
        go={t("register.go")}
        idle={busy}
        foot={
          <p>
            <a class="link" href={`/sign-in${location.search}`}>
              {t("register.have")}
            </a>
          </p>
        }
      >
        <Field name="display_name" words={t("register.display")} help={t("register.displayHelp")}>
          <input required maxLength={256} autocomplete="name" onInput={(event) => !own && setName(suggested(event.currentTarget.value))} />
        </Field>
        <Field name="user_id" words={t("register.name")} help={t("register.nameHelp")}>
          <input
            {...AS_TYPED}
            autocomplete="username"
            maxLength={MAX_USER_ID}
            pattern="[A-Za-z0-9._~\-]+"
            title={t("register.nameHelp")}
            value={name}
            onInput={(event) => {
              setOwn(event.currentTarget.value !== "");
              setName(event.currentTarget.value);
            }}
          />
        </Field>
        <Field name="password" words={t("register.password")} help={t("register.passwordHelp")}>
          <input {...AS_TYPED} type="password" autocomplete="new-password" minLength={12} />
        </Field>
        <Field name="email" words={t("register.email")} optional>
          <input type="email" autocomplete="email" maxLength={256} />
        </Field>
      </Form>
    </section>
  );
}
