import pytest

from shanyraq.foundation import matching


@pytest.fixture(params=["pure", "compiled"], autouse=True)
def each_twin(request):
    """Every test of this folder runs with the readable twin and with the compiled one."""
    with matching.twin(request.param):
        yield request.param
