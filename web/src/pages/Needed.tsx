// What stands where a session is needed and there is none, or another role.
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { Title } from "../parts/Shell";
import { whoAmI } from "../person";
import { place } from "../router";
import { t } from "../words";

export function Needed({ role = false }: { role?: boolean }): JSX.Element {
  // Whose role has just been changed by an operator need not sign in again.
  useEffect(() => {
    if (role) void whoAmI();
  }, [role]);
  return (
    <section class="narrow">
      <Title tab={t(role ? "needed.role" : "signIn.title")}>{t(role ? "needed.role" : "signIn.needed")}</Title>
      {role ? (
        <p>{t("needed.roleNext")}</p>
      ) : (
        <p>
          <a class="button primary" href={`/sign-in?next=${encodeURIComponent(place.value.path)}`}>
            {t("nav.signIn")}
          </a>
        </p>
      )}
    </section>
  );
}
