// The system, for operators: whether bookings are taken, decided and shown; every service and store as it is; how far the
// log is decided and the view behind; what the auditor has proved; and messages that nobody could carry out.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ask, Problem } from "../api";
import { command } from "../commands";
import { count, moment } from "../format";
import { Icon } from "../parts/Icon";
import { Loading, Notice, Trouble } from "../parts/Notice";
import { Roles } from "../parts/Roles";
import { Spark } from "../parts/Spark";
import { Title } from "../parts/Shell";
import { useAsked } from "../parts/useAsked";
import { usePolled } from "../parts/usePolled";
import type { AuditReport, DeadLetter, Health, ServiceState, StoreState, System } from "../types";
import { t, tn, tOr } from "../words";

const LOOK_MS = 3_000;
/** Three minutes of figures are drawn. */
const KEPT = 60;

export function SystemPage(): JSX.Element {
  const health = useHealth();
  const system = usePolled<System>("/api/system", LOOK_MS);
  const audit = usePolled<AuditReport>("/api/audit", LOOK_MS);
  const history = useHistory(system.body);
  return (
    <section class="system">
      <div class="head-row">
        <Title tab={t("nav.system")}>{t("system.title")}</Title>
        {system.body && <p class="soft">{t("system.asOf", { when: moment(system.body.as_of) })}</p>}
      </div>
      {health ? <Checks health={health} /> : <Loading />}
      {system.error !== null && !system.body && <Trouble error={system.error} polled />}
      {system.body && <Parts system={system.body} history={history} />}
      <Proof report={audit.body} missing={audit.error !== null} />
      <DeadLetters />
      <Roles />
    </section>
  );
}

function useHealth(): Health | null {
  const [health, set] = useState<Health | null>(null);
  useEffect(() => {
    let timer = 0;
    let gone = false;
    const look = async (): Promise<void> => {
      if (!document.hidden) {
        const body = await healthNow();
        if (!gone) set(body);
      }
      if (!gone) timer = window.setTimeout(() => void look(), LOOK_MS);
    };
    void look();
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, []);
  return health;
}

/** Health is told with 503 as well when something is away. */
async function healthNow(): Promise<Health> {
  try {
    return (await ask<Health>("/health")).body;
  } catch (error) {
    const told = error instanceof Problem ? (error.document as unknown as Health) : null;
    return told?.checks ? told : { status: "unavailable", checks: {} };
  }
}

/** The last figures by name, for the small charts. */
function useHistory(system: System | null): Map<string, number[]> {
  const [history, set] = useState(new Map<string, number[]>());
  useEffect(() => {
    if (!system) return;
    set((before) => {
      const next = new Map(before);
      const note = (name: string, value: number | null): void => {
        if (value !== null) next.set(name, [...(next.get(name) ?? []), value].slice(-KEPT));
      };
      for (const service of system.services) {
        for (const rate of service.rates) note(`${service.name} ${rate.name}`, rate.per_s);
        for (const latency of service.latencies) note(`${service.name} ${tookOf(latency)}`, latency.p99_ms);
      }
      return next;
    });
  }, [system?.as_of]);
  return history;
}

function Lamp({ ok, children }: { ok: boolean; children: ComponentChildren }): JSX.Element {
  return (
    <span class={`lamp ${ok ? "lamp-ok" : "lamp-bad"}`}>
      <Icon name={ok ? "check" : "warn"} size={18} />
      {children}
    </span>
  );
}

function Checks({ health }: { health: Health }): JSX.Element {
  return (
    <ul class="figure-row" aria-label={t("system.health")}>
      <li class="panel figure">
        <Lamp ok={health.status === "ok"}>{t(health.status === "ok" ? "system.ok" : "system.notOk")}</Lamp>
        <span class="soft">{t("system.health")}</span>
      </li>
      {Object.entries(health.checks).map(([name, check]) => (
        <li class="panel figure">
          <Lamp ok={check.status === "ok" && !check.degraded?.length}>{tOr(`check.${name}`, "check.other", { name })}</Lamp>
          <span class="soft">{check.detail}</span>
        </li>
      ))}
    </ul>
  );
}

function Parts({ system, history }: { system: System; history: Map<string, number[]> }): JSX.Element {
  const { projection, log } = system;
  const lag = log.reduce((sum, partition) => sum + (partition.lag ?? 0), 0);
  const seconds = (value: number | null): string => (value === null ? "–" : `${value.toFixed(1)} s`);
  return (
    <>
      <ul class="figure-row">
        <Figure words={t("system.lag")} value={count(lag)} />
        <Figure words={t("system.viewAge")} value={seconds(projection.age_s)} />
        <Figure words={t("system.viewLag")} value={seconds(projection.lag_s)} />
        <Figure words={t("system.partitions")} value={count(log.length)} />
      </ul>
      <section aria-label={t("system.services")}>
        <h2>{t("system.services")}</h2>
        <div class="services">
          {system.services.map((service) => (
            <Service service={service} history={history} />
          ))}
        </div>
      </section>
      <section aria-label={t("system.stores")}>
        <h2>{t("system.stores")}</h2>
        <div class="services">
          {system.stores.map((store) => (
            <Store store={store} />
          ))}
        </div>
      </section>
      <section class="panel">
        <h2>{t("system.log")}</h2>
        <Scroll label={t("system.table")}>
          <table class="table">
            <thead>
              <tr>
                <th scope="col">{t("system.partition")}</th>
                <th scope="col">{t("system.leader")}</th>
                <th scope="col">{t("system.inSync")}</th>
                <th scope="col">{t("system.waiting")}</th>
              </tr>
            </thead>
            <tbody>
              {log.map((one) => (
                <tr>
                  <th scope="row">{one.partition}</th>
                  <td>{one.leader ?? "–"}</td>
                  <td>
                    {one.in_sync} / {one.replicas}
                  </td>
                  <td>{one.lag === null ? "–" : count(one.lag)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      </section>
    </>
  );
}

function Figure({ words, value }: { words: string; value: string }): JSX.Element {
  return (
    <li class="panel figure">
      <span class="soft">{words}</span>
      <strong>{value}</strong>
    </li>
  );
}

function Scroll({ label, children }: { label: string; children: ComponentChildren }): JSX.Element {
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label={label}>
      {children}
    </div>
  );
}

function Service({ service, history }: { service: ServiceState; history: Map<string, number[]> }): JSX.Element {
  return (
    <div class="panel service">
      <h3>
        <Lamp ok={service.status === "ok"}>{service.name}</Lamp>
      </h3>
      {service.processes.map((process) => (
        <p class="soft">
          {process.name}
          {process.memory_bytes !== null && ` · ${count(Math.round(process.memory_bytes / 1_048_576))} MB`}
          {process.detail && ` · ${process.detail}`}
        </p>
      ))}
      {service.rates.map((rate) => (
        <Spark words={rate.name} value={rate.per_s === null ? "–" : `${rate.per_s.toFixed(1)} /s`} values={history.get(`${service.name} ${rate.name}`) ?? []} />
      ))}
      {service.latencies.map((latency) => (
        <Spark
          words={tookOf(latency)}
          value={latency.p99_ms === null ? "–" : `${latency.p50_ms?.toFixed(0) ?? "–"} / ${latency.p99_ms.toFixed(0)} ms`}
          values={history.get(`${service.name} ${tookOf(latency)}`) ?? []}
        />
      ))}
    </div>
  );
}

/** How long something took, beside how often it was done, which has the same name. */
function tookOf(latency: { name: string }): string {
  return t("system.took", { name: latency.name });
}

function Store({ store }: { store: StoreState }): JSX.Element {
  return (
    <div class="panel service">
      <h3>
        <Lamp ok={store.status === "ok"}>{store.name}</Lamp>
      </h3>
      {store.detail && <p class="soft">{store.detail}</p>}
      <ul>
        {store.replicas.map((replica) => (
          <li class="replica">
            <span>{replica.name}</span>
            <span class="soft">
              {replica.role}
              {replica.lag ? ` · ${count(replica.lag)}` : ""}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Proof({ report, missing }: { report: AuditReport | null; missing: boolean }): JSX.Element | null {
  if (!report) return missing ? <Notice title={t("audit.none")} /> : null;
  const full = report.last_full_proof;
  return (
    <section class="panel">
      <h2>{t("audit.title")}</h2>
      <Lamp ok={report.violations === 0 && report.status !== "away"}>
        {report.violations === 0 ? tOr(`audit.${report.status}`, "audit.watching") : tn("audit.broken", report.violations)}
      </Lamp>
      <p class="soft">
        {full && t("audit.full", { when: moment(full.at), messages: count(full.messages), rows: count(full.rows) })}{" "}
        {t("audit.behind", { behind: count(report.proved_to.behind) })}
      </p>
      {report.broken.length > 0 && (
        <ul class="wrong-lines">
          {report.broken.map((one) => (
            <li>
              <strong>{one.what}</strong> {one.event_id} {one.seat_id}
              <code>
                {one.log_says} / {one.ledger_says} / {one.view_says}
              </code>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function DeadLetters(): JSX.Element {
  const letters = useAsked<DeadLetter[]>("/api/dead-letters?limit=50");
  const [error, setError] = useState<unknown>(null);
  const replay = async (letter: DeadLetter): Promise<void> => {
    setError(null);
    try {
      await command(`/api/dead-letters/${letter.letter_id}/replay`, {});
    } catch (problem) {
      setError(problem);
    }
    letters.again();
  };
  return (
    <section class="panel">
      <h2>{t("letters.title")}</h2>
      {error !== null && <Trouble error={error} />}
      {letters.error !== null && !letters.body && <Trouble error={letters.error} again={letters.again} />}
      {letters.body?.length === 0 && <p class="soft">{t("letters.none")}</p>}
      <ul class="letters">
        {letters.body?.map((letter) => (
          <li key={letter.letter_id}>
            <div>
              <strong>{letter.kind ?? t("letters.unreadable")}</strong> <span class="soft">{moment(letter.kept_at)}</span>
              <p>{letter.reason}</p>
              {letter.cautions.map((caution) => (
                <p class="soft">{caution}</p>
              ))}
              {letter.obstacle && <p class="soft">{letter.obstacle}</p>}
            </div>
            {letter.replay ? (
              <span class="tag">{t("letters.replayed", { status: letter.replay.status })}</span>
            ) : (
              <button type="button" class="button small" disabled={letter.obstacle !== null} onClick={() => void replay(letter)}>
                {t("letters.replay")}
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
