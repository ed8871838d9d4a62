"""The temporary folder of an app's uploads. If the app is killed, the next one removes it."""

from ..engines.process.temp_folder import TempFolder, remove_abandoned

_NAME = "algomancy-uploads-"


class UploadsFolder(TempFolder):
    """A folder in the system's temporary folder, created for the first upload, with a folder for each one."""

    def __init__(self) -> None:
        super().__init__(_NAME)


def remove_abandoned_uploads() -> None:
    """Remove the folders of apps whose process ended without removing them."""
    remove_abandoned(_NAME)
