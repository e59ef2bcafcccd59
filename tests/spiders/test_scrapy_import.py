"""Deprecated classes of Scrapy know their module, though nobody reads the source of their callers."""

import inspect
import linecache

import pytest
from scrapy.utils.deprecate import create_deprecated_class

from spiders.scrapy_import import scrapy_import


class New: ...


def test_a_class_knows_its_module_and_no_source_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    before = inspect.stack, inspect.getmodule
    monkeypatch.setattr(linecache, "cache", {})
    with scrapy_import():
        old = create_deprecated_class("Old", New)
    assert old.__module__ == __name__
    assert linecache.cache == {}
    assert (inspect.stack, inspect.getmodule) == before
