from importlib.metadata import PackageNotFoundError, version


def installed_version() -> str:
    """Of this package; a checkout that is not installed is the version that it will be."""
    try:
        return version("coach-pro")
    except PackageNotFoundError:
        return "0.1.0"
