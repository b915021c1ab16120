
import time, pytest
from e2e.conftest import Site
from e2e.test_smoke import SMOKE, QUICK, configured
pytestmark = pytest.mark.lab
def test_measure(site: Site, configured):
    site.image("v2"); site.image("v3")
    out = open("/tmp/oneshot-measure.log", "w")
    for image, more in (("v2", ()), ("v3", ("--no-smoke",)), ("v2", ()), ("v3", ("--no-smoke",))):
        begun = time.monotonic()
        run = site.rollout("deploy", "php", "--image", site.image(image), *QUICK, *more, *configured(SMOKE))
        print(image, more, run.returncode, round(time.monotonic() - begun, 2), run.stderr, run.stdout, file=out, flush=True)
