"""What every app of ours does when Django has loaded it."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import module_has_submodule
from django_typer.utils import register_command_plugins


class RoomConfig(AppConfig):
    """Registers a room's system checks (`checks.py`) and what it adds to other rooms' commands (`management/plugins`)."""

    default = False
    """Django takes the one class of `apps.py` whose `default` is not false; importing this one there must not confuse it."""

    def __init_subclass__(cls) -> None:
        cls.default = True

    def ready(self) -> None:
        if module_has_submodule(self.module, "checks"):
            import_module(f"{self.name}.checks")
        if module_has_submodule(self.module, "management.plugins"):
            register_command_plugins(import_module(f"{self.name}.management.plugins"))
