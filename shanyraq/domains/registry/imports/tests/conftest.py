from shanyraq.domains.registry.tests.conftest import at_once, country, lasting_country

__all__ = ["at_once", "country", "lasting_country"]
