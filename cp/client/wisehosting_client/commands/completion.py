"""Completion of commands, projects and contexts in a shell."""

import sys
from enum import StrEnum
from typing import Annotated

import typer

from wisehosting_client.commands.contexts import PANEL

commands = typer.Typer()

BASH = r"""_wh_completion() {
    local IFS=$'\n'
    COMPREPLY=( $(env COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD _WH_COMPLETE=complete_bash "$1" 2>/dev/null) )
    return 0
}

complete -o default -F _wh_completion wh
"""
ZSH = r"""#compdef wh

_wh_completion() {
    eval $(env _TYPER_COMPLETE_ARGS="${words[1,$CURRENT]}" _WH_COMPLETE=complete_zsh wh 2>/dev/null)
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _wh_completion "$@"
else
    compdef _wh_completion wh
fi
"""
FISH = r"""function __wh_completion
    env _WH_COMPLETE=complete_fish _TYPER_COMPLETE_FISH_ACTION=$argv[1] _TYPER_COMPLETE_ARGS=(commandline -cp) wh 2>/dev/null
end

complete --command wh --no-files --arguments "(__wh_completion get-args)" --condition "__wh_completion is-args"
"""


class Shell(StrEnum):
    """A shell that can be told what may follow."""

    bash = "bash"
    zsh = "zsh"
    fish = "fish"


SCRIPTS = {Shell.bash: BASH, Shell.zsh: ZSH, Shell.fish: FISH}


@commands.command(rich_help_panel=PANEL)
def completion(shell: Annotated[Shell, typer.Argument(metavar="SHELL", help="bash, zsh or fish.")]) -> None:
    """Print what a shell reads to complete commands, options, projects and contexts.

    Example: wh completion bash > ~/.local/share/bash-completion/completions/wh

    Example: wh completion zsh > ~/.zfunc/_wh

    Example: wh completion fish > ~/.config/fish/completions/wh.fish
    """
    sys.stdout.write(SCRIPTS[shell])
