"""The Model page in a real Chromium: every panel fits, on a desk and on a telephone, by day and by night."""

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

PANELS = ("Letters", "Certainty", "Conditions", "Words", "Your hand", "Training", "Limits")


@pytest.mark.parametrize(
    ("width", "height", "scheme"),
    [(width, height, scheme) for width, height in ((1280, 800), (390, 844)) for scheme in ("light", "dark")],
)
def test_every_panel_fits(
    app: str,
    launch: Callable[..., Browser],
    save: Callable[..., None],
    width: int,
    height: int,
    scheme: Literal["dark", "light"],
) -> None:
    page = launch().new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
    # A server that has shown no page yet shows a page that is opened by its address without the navigation.
    page.goto(app)
    expect(page.locator(".sc-reading")).to_be_visible(timeout=60_000)
    page.goto(f"{app}/model")
    expect(page.get_by_role("tab")).to_have_text(PANELS, timeout=60_000)
    for panel in PANELS:
        page.get_by_role("tab", name=panel).click()
        shown = page.get_by_role("tabpanel").filter(visible=True)
        expect(shown).to_have_count(1)
        for figure in shown.locator("[data-testid=stDataFrame], .js-plotly-plot").all():
            expect(figure).to_be_visible(timeout=20_000)
        expect(shown.locator("[data-testid=stSkeleton]")).to_have_count(0, timeout=20_000)
        expect(page.locator("[data-testid=stException], [data-testid=stAlert]")).to_have_count(0)
        assert overflow(page) == 0, panel
        assert deepest_jump(page) <= 1, panel
        for figure in shown.get_by_test_id("stPlotlyChart").all():
            expect(figure).to_have_attribute("aria-label", re.compile(r"\w+ of .+\."))
            ticks = figure.locator(".xtick text, .ytick text").first
            assert ticks.evaluate("text => getComputedStyle(text).fill") == text_colour(page), panel
        save(page, f"-{panel}")


def deepest_jump(page: Page) -> int:
    """By how many levels a heading lies below the one before it, at most."""
    levels = [
        int(name[1]) for name in page.locator("h1, h2, h3, h4, h5, h6").evaluate_all("all => all.map(h => h.tagName)")
    ]
    return max((below - above for above, below in pairwise(levels)), default=0)


def text_colour(page: Page) -> str:
    colour: str = page.evaluate("getComputedStyle(document.querySelector('.stApp')).color")
    return colour


def overflow(page: Page) -> int:
    """How many pixels the page is wider than the screen."""
    pixels: int = page.evaluate(
        """() => Math.max(...[document.documentElement, document.querySelector('[data-testid=stMain]')]
        .map(element => element.scrollWidth - element.clientWidth))"""
    )
    return pixels
