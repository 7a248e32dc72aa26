// What stands where a session is needed and there is none, or another role.
import type { JSX } from "preact";
import { Notice } from "../parts/Notice";
import { place } from "../router";
import { t } from "../words";

export function Needed({ role = false }: { role?: boolean }): JSX.Element {
  return (
    <section class="narrow">
      <Notice title={t(role ? "needed.role" : "signIn.needed")}>
        {role ? (
          <p>{t("needed.roleNext")}</p>
        ) : (
          <a class="button primary small" href={`/sign-in?next=${encodeURIComponent(place.value.path)}`}>
            {t("nav.signIn")}
          </a>
        )}
      </Notice>
    </section>
  );
}
