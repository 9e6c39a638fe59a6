"""What this machine lends to the images: a base made of Debian packages, its way to packages, its compiler
cache. Nothing of it is kept in an image that is shipped."""

import os
import pathlib
import re
import subprocess

from buildah import Buildah, BuildahError

BASE = "localhost/veille-base"
# As debian:12-slim leaves out, too.
LEFT_OUT = ("/usr/share/man/*", "/usr/share/locale/*", "/usr/share/doc/*")
KEPT = ("/usr/share/doc/*/copyright",)
# Settings of apt without which a machine behind a proxy, or with a frozen mirror, has no packages.
APT_SETTING = re.compile(r'^Acquire::(?:\w+::)*(?:Proxy(?:::\S+)?|Check-Valid-Until|Check-Date) ".+";$')


def make_base(buildah: Buildah, folder: pathlib.Path) -> None:
    """Debian 12 by mmdebstrap, from where this machine has its packages."""
    settings = apt_folder(folder) / "host"
    sources = _sources()
    archive = folder / "base.tar"
    command = ["mmdebstrap", "--quiet", "--variant=minbase", f"--aptopt={settings}",
               '--customize-hook=rm -f "$1"/etc/apt/apt.conf.d/99mmdebstrap']
    command += [f"--dpkgopt=path-exclude={path}" for path in LEFT_OUT]
    command += [f"--dpkgopt=path-include={path}" for path in KEPT]
    if any("https:" in line for line in sources):
        command.append("--include=ca-certificates")
    command += ["bookworm", str(archive)]
    if sources:
        (folder / "sources.list").write_text("\n".join(sources) + "\n", encoding="utf-8")
        command.append(str(folder / "sources.list"))
    done = subprocess.run(command, env=buildah.environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BuildahError(f"mmdebstrap: {done.stderr[-2000:]}")
    buildah.import_root(archive, BASE)
    archive.unlink()


def build_options(top: pathlib.Path, folder: pathlib.Path) -> list[str]:
    """Of `buildah bud`: the base, and what is lent for the time of building."""
    options = ["--build-arg", f"BASE={BASE}", "--build-arg", "APT_CONFIG=/mnt/host",
               "--volume", f"{apt_folder(folder)}:/mnt:ro"]
    # The compiler cache knows an object by its folder and by the language of its warnings.
    options += ["--build-arg", f"SOURCE={top}"]
    if "LANG" in os.environ:
        options += ["--build-arg", f"LANG={os.environ['LANG']}"]
    cache = pathlib.Path(os.environ.get("CCACHE_DIR") or pathlib.Path.home() / ".cache" / "ccache")
    cache.mkdir(parents=True, exist_ok=True)
    return options + ["--volume", f"{cache}:/var/cache/ccache:rw"]


def apt_folder(folder: pathlib.Path) -> pathlib.Path:
    """A folder with this machine's settings in the file `host`, lent while packages are installed."""
    dump = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True).stdout
    settings = [line for line in dump.splitlines() if APT_SETTING.match(line)]
    (folder / "apt").mkdir(exist_ok=True)
    (folder / "apt" / "host").write_text("".join(line + "\n" for line in settings), encoding="utf-8")
    return folder / "apt"


def _sources() -> list[str]:
    """Lines of sources.list for the parts of Debian 12 that this machine uses."""
    listed = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(ORIGIN)|$(CODENAME)|$(SITE)|$(RELEASE)|$(COMPONENT)",
         "Created-By: Packages"], capture_output=True, text=True, check=False).stdout
    targets = {tuple(line.split("|")) for line in listed.splitlines()}
    return sorted(f"deb {site} {release} {component}"
                  for origin, codename, site, release, component in targets
                  if origin == "Debian" and codename.startswith("bookworm"))
