// One's account: who one is, where one is signed in, signing out there and here, and leaving for good.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ask } from "../api";
import { moment } from "../format";
import { Loading, Trouble } from "../parts/Notice";
import { Title } from "../parts/Shell";
import { useAsked } from "../parts/useAsked";
import { account, signedIn, signedOut } from "../person";
import { go } from "../router";
import type { Session } from "../types";
import { t } from "../words";
import { Needed } from "./Needed";

export function AccountPage(): JSX.Element {
  const sessions = useAsked<Session[]>(signedIn.value ? "/api/sessions" : null);
  const [error, setError] = useState<unknown>(null);
  const [sure, setSure] = useState(false);
  if (!signedIn.value) return <Needed />;
  const me = account.value;
  const leave = async (path: string): Promise<void> => {
    setError(null);
    try {
      await ask(path, { method: "DELETE" });
      signedOut();
      go("/");
    } catch (problem) {
      setError(problem);
    }
  };
  const revoke = async (session: Session): Promise<void> => {
    setError(null);
    try {
      await ask(`/api/sessions/${session.session_id}`, { method: "DELETE" });
      sessions.again();
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <section class="narrow">
      <Title tab={t("mine.account")}>{t("mine.account")}</Title>
      {error !== null && <Trouble error={error} />}
      <div class="panel">
        <h2>{me?.display_name}</h2>
        <dl class="pairs">
          <dt>{t("mine.name")}</dt>
          <dd>{me?.user_id}</dd>
          <dt>{t("mine.role")}</dt>
          <dd>{me && t(`role.${me.role}`)}</dd>
        </dl>
        {me?.role === "customer" && <ToOrganise userId={me.user_id} />}
        <div class="row">
          <button type="button" class="button" onClick={() => void leave("/api/sessions/current")}>
            {t("mine.signOut")}
          </button>
        </div>
      </div>
      <div class="panel">
        <h2>{t("mine.sessions")}</h2>
        {sessions.error !== null && <Trouble error={sessions.error} again={sessions.again} />}
        {!sessions.body && sessions.error === null && <Loading />}
        <ul class="sessions">
          {sessions.body?.map((session) => (
            <li key={session.session_id}>
              <span>
                <strong>{browser(session.user_agent)}</strong>
                <span class="soft">{t("mine.session", { when: moment(session.created_at) })}</span>
              </span>
              {session.current ? (
                <span class="tag tag-good">{t("mine.thisOne")}</span>
              ) : (
                <button type="button" class="button small" onClick={() => void revoke(session)}>
                  {t("mine.revoke")}
                </button>
              )}
            </li>
          ))}
        </ul>
      </div>
      {sure ? (
        <div class="panel sure" role="group" aria-label={t("mine.delete")}>
          <p>{t("mine.deleteSure")}</p>
          <div class="row">
            <button type="button" class="button danger" onClick={() => void leave("/api/accounts/me")}>
              {t("mine.deleteYes")}
            </button>
            <button type="button" class="button" onClick={() => setSure(false)}>
              {t("mine.deleteNo")}
            </button>
          </div>
        </div>
      ) : (
        <p>
          <button type="button" class="link danger" onClick={() => setSure(true)}>
            {t("mine.delete")}
          </button>
        </p>
      )}
    </section>
  );
}

/** How one becomes an organiser: by asking, with the name by which an operator knows one. */
export function ToOrganise({ userId }: { userId: string }): JSX.Element {
  const [copied, setCopied] = useState(false);
  return (
    <>
      <p>{t("mine.organise")}</p>
      <p class="row">
        <code>{userId}</code>
        {"clipboard" in navigator && (
          <button type="button" class="button small" onClick={() => void navigator.clipboard.writeText(userId).then(() => setCopied(true), () => undefined)}>
            {t(copied ? "mine.copied" : "mine.copy")}
          </button>
        )}
      </p>
    </>
  );
}

/** A browser and its system, as far as it says what it is; else its own words. */
function browser(agent: string): string {
  const name = /(Edg|OPR|Firefox|Chrome|Safari)\//.exec(agent)?.[1];
  const system = /(iPhone|iPad|Android|Windows|Mac OS X|Linux)/.exec(agent)?.[1];
  const called = { Edg: "Edge", OPR: "Opera" }[name ?? ""] ?? name;
  return called ? [called, system].filter(Boolean).join(", ") : agent.slice(0, 60);
}
