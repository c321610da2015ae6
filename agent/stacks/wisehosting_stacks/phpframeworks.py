"""PHP's frameworks: by what they are known, and what they need where only /tmp can be written."""

from collections.abc import Mapping
from typing import Any

import msgspec

from wisehosting_stacks.tree import Tree, table

LOST = "What the app writes is lost with each deployment: keep uploads in an object store or a database."

MIGRATES = "php artisan migrate --force && heroku-php-apache2 public/"


class Framework(msgspec.Struct, frozen=True, kw_only=True):
    """What a framework changes about a PHP project; all empty for plain pages."""

    title: str = ""
    where: str = "composer.json"
    environment: Mapping[str, str] = {}
    """Variables in the image; the server passes them on."""
    building: Mapping[str, str] = {}
    """Variables for what Composer runs while the image is built."""
    build: str = ""
    """Shell line that builds what the pages show."""
    folders: tuple[str, ...] = ()
    """Folders that must be there before it starts."""
    front_controller: bool = False
    """index.php answers every path that is no file."""
    notes: tuple[str, ...] = ()


LARAVEL = Framework(
    title="Laravel",
    environment={
        "APP_CONFIG_CACHE": "/tmp/bootstrap/config.php",
        "APP_EVENTS_CACHE": "/tmp/bootstrap/events.php",
        "APP_PACKAGES_CACHE": "/tmp/bootstrap/packages.php",
        "APP_ROUTES_CACHE": "/tmp/bootstrap/routes.php",
        "APP_SERVICES_CACHE": "/tmp/bootstrap/services.php",
        "LARAVEL_STORAGE_PATH": "/tmp/storage",
        "LOG_CHANNEL": "stderr",
        "VIEW_COMPILED_PATH": "/tmp/storage/framework/views",
    },
    folders=(
        "/tmp/bootstrap",
        "/tmp/storage/app/public",
        "/tmp/storage/framework/cache/data",
        "/tmp/storage/framework/sessions",
        "/tmp/storage/framework/views",
        "/tmp/storage/logs",
    ),
    front_controller=True,
    notes=(
        "storage/ and bootstrap/cache/ lie in /tmp, one for each instance, and empty at each start. "
        "An app that writes elsewhere beside its files needs runtime.writable = true. " + LOST,
        "Laravel needs APP_KEY: set it as a variable, as `php artisan key:generate --show` prints it.",
        f"Migrations are not run by themselves: add a Procfile with the line `web: {MIGRATES}`, or run them by hand.",
    ),
)
SYMFONY = Framework(
    title="Symfony",
    building={"APP_ENV": "prod", "APP_DEBUG": "0"},
    environment={"APP_CACHE_DIR": "/tmp/cache", "APP_ENV": "prod", "APP_LOG_DIR": "/tmp/log"},
    front_controller=True,
    notes=("Symfony's cache and log folders lie in /tmp, one for each instance. Set APP_SECRET as a variable.",),
)
MAPPER = "symfony/asset-mapper"
MAPS = "APP_ENV=prod php bin/console asset-map:compile"
WORDPRESS = Framework(
    title="WordPress",
    where="wp-load.php",
    front_controller=True,
    notes=(
        "WordPress writes uploads, plugins and updates beside its files, and those cannot be written here. "
        "Set runtime.writable = true to let it. " + LOST,
        "WordPress needs a MySQL database; wp-config.php should read its address and password from variables (getenv).",
    ),
)
_BY_PACKAGE = {
    "laravel/framework": LARAVEL,
    "symfony/framework-bundle": SYMFONY,
    "slim/slim": Framework(title="Slim", front_controller=True),
    "cakephp/cakephp": Framework(title="CakePHP", front_controller=True),
    "codeigniter4/framework": Framework(title="CodeIgniter", front_controller=True),
    "yiisoft/yii2": Framework(title="Yii", front_controller=True),
}


def framework(tree: Tree, composer: Mapping[str, Any]) -> Framework:
    """The framework of a project, by its requirements or its files."""
    required = table(composer, "require")
    for package, known in _BY_PACKAGE.items():
        if package in required:
            return msgspec.structs.replace(known, build=MAPS) if known is SYMFONY and MAPPER in required else known
    if "artisan" in tree:
        return msgspec.structs.replace(LARAVEL, where="artisan")
    return WORDPRESS if "wp-load.php" in tree or "wp-includes/version.php" in tree else Framework()
