"""Kafka's jars: from ``KAFKA_HOME``, from the cache of an earlier start, or fetched by Maven into that cache.

The cache lies outside the checkout, so that the next clone starts fast. What is in it is complete: a download goes to a
folder beside it, which gets its name only at the end.
"""

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from infra.native.errors import CannotStartError
from infra.native.machine import Say

KAFKA_VERSION: Final = "4.3.1"
POM: Final = Path(__file__).parent / "kafka" / "pom.xml"
GOAL: Final = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
"""By its full name: the short one would be looked up in a list that changes."""
FETCH_TIMEOUT_S: Final = 600


def find(kafka_home: Path | None, cache: Path) -> Path | None:
    """Return the folder of the jars, or None when they have to be fetched first.

    Raises:
        CannotStartError: ``KAFKA_HOME`` is set and holds no Kafka.
    """
    if kafka_home is not None:
        libs = kafka_home / "libs"
        if not any(libs.glob("kafka_2.13-*.jar")):
            remedy = (
                f"Set KAFKA_HOME to the folder of an Apache Kafka {KAFKA_VERSION}, or unset it to have one fetched."
            )
            raise CannotStartError(
                f"KAFKA_HOME is {kafka_home}, and there are no Kafka jars in its folder libs.", remedy
            )
        return libs
    libs = cached(cache)
    return libs if libs.is_dir() else None


def cached(cache: Path) -> Path:
    """Return where the cache keeps them."""
    return cache / f"kafka-{KAFKA_VERSION}" / "libs"


def fetch(maven: Path, cache: Path, say: Say, log: Path) -> Path:
    """Fetch the jars (54 MB) into the cache and return their folder.

    Raises:
        CannotStartError: Maven failed.
    """
    libs = cached(cache)
    say(f"fetching Apache Kafka {KAFKA_VERSION} (54 MB, once) into {libs.parent}")
    libs.parent.mkdir(parents=True, exist_ok=True)
    log.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix="libs.", dir=libs.parent))
    try:
        goal = [GOAL, f"-DoutputDirectory={fresh}"]
        command: list[str | Path] = [maven, "--batch-mode", "--strict-checksums", "--file", POM, *goal]
        with log.open("w") as output:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, timeout=FETCH_TIMEOUT_S, check=False
            )
        if done.returncode != 0:
            errors = [line for line in log.read_text(errors="replace").splitlines() if "[ERROR]" in line]
            why = f": {errors[0][:300]}" if errors else ""
            sentence = f"Maven could not fetch Apache Kafka {KAFKA_VERSION}{why} (see {log})."
            raise CannotStartError(
                sentence, "Check the network (Maven Central), or set KAFKA_HOME to an unpacked Kafka, then start again."
            )
        fresh.chmod(0o755)
        try:
            fresh.rename(libs)
        except OSError:
            if not libs.is_dir():  # else somebody else was faster, and theirs is as good
                raise
    except subprocess.TimeoutExpired:
        sentence = f"Maven did not fetch Apache Kafka {KAFKA_VERSION} within {FETCH_TIMEOUT_S} s."
        raise CannotStartError(sentence, "Check the network (Maven Central), then start again.") from None
    finally:
        if fresh.exists():
            shutil.rmtree(fresh, ignore_errors=True)
    return libs
