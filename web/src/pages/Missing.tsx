// An address that is no screen's.
import type { JSX } from "preact";
import { Title } from "../parts/Shell";
import { t } from "../words";

export function Missing(): JSX.Element {
  return (
    <section class="narrow">
      <Title tab={t("missing.title")}>{t("missing.title")}</Title>
      <p>{t("missing.next")}</p>
      <a class="button" href="/">
        {t("missing.home")}
      </a>
    </section>
  );
}
