"""What changed since yesterday, what can be sent, what the receiver then holds: ``csc-data feed``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from csc_data.commands.exit_codes import CLEAN, ISSUES
from csc_data.commands.printing import print_json, tell
from csc_data.errors import InputError, UsageError
from csc_data.files.writing import ensure_writable, written_together

if TYPE_CHECKING:
    from csc_data.declare.collection import Standard
    from csc_data.feed.delta import Delta
    from csc_data.feed.split import Split

HELD_BACK = "held-back"
"""The folder, in that of what can be sent, for what cannot."""

_POLICIES = {"refused": 0, "guidance": 1, "ours": 2}


def add(commands: Any) -> None:
    """Add the command to the command line."""
    feed = commands.add_parser("feed", help="what of a daily feed changed, and what of it can be sent")
    actions = feed.add_subparsers(title="what to do", required=True, metavar="ACTION")

    delta = actions.add_parser(
        "delta",
        help="what changed since the payload that was accepted yesterday",
        description="Compare two payloads and write the messages that say what changed. Exit codes: 0 no deletion is "
        "proposed, 1 deletions are proposed and wait for approval, 2 wrong usage, 3 something cannot be read.",
    )
    delta.add_argument("yesterday", metavar="YESTERDAY", help="the payload that was accepted: file, folder or zip")
    delta.add_argument("today", metavar="TODAY", help="the payload of today")
    delta.add_argument(
        "--full",
        action="store_true",
        help="both are complete, so that what is not in today's is gone (else: unchanged)",
    )
    _common(delta, "send-*.json, purge-*.json, resend-*.json and changes.csv, which names children")
    delta.set_defaults(run=_delta, reads=("yesterday", "today"))

    split = actions.add_parser(
        "split",
        help="put what can be sent in batches, and hold back the rest with the reasons",
        description="Check a payload, write what can be sent in batches that one request takes, and hold back the rest. "
        "Exit codes: 0 everything can be sent, 1 something is held back, 2 wrong usage, 3 something cannot be read.",
    )
    split.add_argument("paths", nargs="+", metavar="PATH", help="the payload: file, folder or zip")
    split.add_argument(
        "--hold-back",
        choices=tuple(_POLICIES),
        default="refused",
        help="what holds a record back: what will be refused; what is against the guidance, too; our checks, too",
    )
    _common(split, "batch-*.json, and held-back/ with records.json and reasons.csv, which name children")
    split.set_defaults(run=_split, reads=("paths",))

    replay = actions.add_parser(
        "replay",
        help="what a receiver holds after some requests",
        description="Give requests, in order, to a receiver in memory, which takes each whole or not at all. Exit codes: "
        "0 all were taken, 1 one was refused, 2 wrong usage, 3 something cannot be read.",
    )
    replay.add_argument("requests", nargs="*", metavar="REQUEST", help="files, each the body of one request")
    replay.add_argument("--held", metavar="PAYLOAD", help="what the receiver holds at first")
    _common(replay, "held.json: what the receiver holds at last")
    replay.set_defaults(run=_replay, reads=("requests", "held"))


def _common(command: argparse.ArgumentParser, files: str) -> None:
    command.add_argument("--standard", metavar="ID", help="for example csc_api/1.0.1; the newest where it is left out")
    command.add_argument("--out", metavar="DIR", help=f"write into this folder: {files}")
    command.add_argument("--json", action="store_true", help="print counts as JSON")
    command.add_argument("--quiet", action="store_true", help="print nothing but errors")


def _refuse_to_mix(folder: Path) -> None:
    """Refuse a folder that holds messages already: those of two days must not be sent as one."""
    names = ("send-*.json", "purge-*.json", "resend-*.json", "batch-*.json", f"{HELD_BACK}/*", "held.json")
    there = sorted(path.name for name in names for path in folder.glob(name))
    if there:
        raise UsageError(
            f"{folder} already holds {', '.join(there[:3])}: messages of two runs would be sent as one. Give a new folder."
        )
    ensure_writable([folder / "send-001.json"])


def _delta(options: argparse.Namespace) -> int:
    from csc_data.feed.delta import delta
    from csc_data.feed.payload import batches, form_of, read_payload, standard_of_feed, write_batches

    standard = standard_of_feed(options.standard)
    if options.out:
        _refuse_to_mix(Path(options.out))
    yesterday, today = (list(read_payload(path).records) for path in (options.yesterday, options.today))
    _refuse_misfits(yesterday, standard, options.yesterday)
    _refuse_misfits(today, standard, options.today)
    done = delta(yesterday, today, standard, full=options.full)
    if options.out:
        folder, form = Path(options.out), form_of(standard)
        with written_together():
            for name in ("send", "purge", "resend"):
                write_batches(batches(getattr(done, name), form), folder, name)
            _write_csv(done.to_frame(), folder / "changes.csv")
    if options.json:
        print_json(_delta_document(done, standard))
    elif not options.quiet:
        _show_delta(done, options)
    return ISSUES if done.needs_approval else CLEAN


def _refuse_misfits(records: Sequence[Any], standard: Standard, given: str) -> None:
    from csc_data.feed.payload import form_of
    from csc_data.feed.state import levels, misfit

    if where := misfit(records, levels(form_of(standard), standard.items)):
        raise InputError(
            f"{given}: what stands at {where} is not of the shape of {standard.id}, so that it cannot be compared. See what "
            f"is wrong: csc-data validate {given}"
        )


def _write_csv(frame: Any, path: Path) -> None:
    from csc_data.files.writing import replacing
    from csc_data.visible import no_formula

    texts = frame.select_dtypes(exclude="number").columns
    safe = frame.assign(**{name: frame[name].astype("str").map(no_formula) for name in texts})
    with replacing(path) as unfinished:
        safe.to_csv(unfinished, index=False, lineterminator="\n")


def _delta_document(done: Delta, standard: Standard) -> dict[str, Any]:
    return {
        "standard": standard.id,
        "send": len(done.send),
        "purge": len(done.purge),
        "resend": len(done.resend),
        "unchanged": done.unchanged,
        "not_there": done.not_there,
        "changes": [{"kind": kind, "table": table, "objects": count} for (kind, table), count in done.counts().items()],
    }


def _show_delta(done: Delta, options: argparse.Namespace) -> None:
    if done.is_empty and not done.not_there:
        tell("Nothing changed: there is nothing to send.")
        return
    for line in done.lines():
        tell(line)
    tell(
        f"{_records(len(done.send))} to send, which delete nothing; {_records(len(done.purge))} that propose deletions; "
        f"{_records(len(done.resend))} to send again after these; {done.unchanged:,} without a change."
    )
    if done.not_there:
        tell(f"{done.not_there:,} of yesterday's are not in today's. If today's is complete, say so with --full.")
    if done.needs_approval:
        tell(
            "Deletions are proposals: nothing of them stands in what is to be sent. Look through them before you send them."
        )
    if options.out:
        tell(f"Written to {options.out}: send-*.json first; then, once approved, purge-*.json; last resend-*.json.")


def _records(count: int) -> str:
    return "1 record" if count == 1 else f"{count:,} records"


def _split(options: argparse.Namespace) -> int:
    from csc_data.declare.form_rules import LABELS
    from csc_data.feed.payload import as_text, batches, form_of, standard_of_feed, write_batches
    from csc_data.feed.split import split
    from csc_data.files.writing import replacing

    standard = standard_of_feed(options.standard)
    if options.out:
        _refuse_to_mix(Path(options.out))
    done = split(options.paths, standard, hold_back=LABELS[_POLICIES[options.hold_back]])
    batched = batches(done.sendable, form_of(standard))
    if options.out:
        folder = Path(options.out)
        with written_together():
            write_batches(batched, folder, "batch")
            if done.held_back:
                apart = folder / HELD_BACK  # a folder of its own: the one around it can be given as what was sent
                with replacing(apart / "records.json") as unfinished:
                    unfinished.write_text(as_text(done.held_back), encoding="utf-8", newline="\n")
                _write_csv(done.reasons, apart / "reasons.csv")
    if options.json:
        print_json(_split_document(done, standard, len(batched)))
    elif not options.quiet:
        _show_split(done, standard, len(batched), options)
    return ISSUES if done.held_back else CLEAN


def _split_document(done: Split, standard: Standard, requests: int) -> dict[str, Any]:
    reasons = done.reasons["rule"].astype("str").value_counts()
    return {
        "standard": standard.id,
        "sendable": len(done.sendable),
        "requests": requests,
        "held_back": len(done.held_back),
        "reasons": {str(rule): int(count) for rule, count in reasons.items()},
    }


def _show_split(done: Split, standard: Standard, requests: int, options: argparse.Namespace) -> None:
    tell(
        f"Checked against {standard.id}: {_records(len(done.sendable))} can be sent, in "
        f"{'1 request' if requests == 1 else f'{requests:,} requests'}; {_records(len(done.held_back))} held back."
    )
    for (rule, label), findings in done.reasons.groupby(["rule", "label"], observed=True, sort=False):
        title = standard.rules[str(rule)].title
        tell(f"  {rule} ({label}): {findings['position'].nunique():,} held back. {title}")
    if options.out:
        tell(
            f"Written to {options.out}: batch-*.json to send{'; held-back/reasons.csv says why' if done.held_back else ''}."
        )


def _replay(options: argparse.Namespace) -> int:
    from csc_data.feed.payload import as_text, form_of, read_payload, standard_of_feed
    from csc_data.feed.receiver import Receiver
    from csc_data.feed.state import as_sent, levels
    from csc_data.files.writing import replacing

    standard = standard_of_feed(options.standard)
    if options.out:
        _refuse_to_mix(Path(options.out))
    first = list(read_payload(options.held).records) if options.held else []
    if first:
        _refuse_misfits(first, standard, options.held)
    receiver = Receiver(standard, first)
    answers = []
    for given in options.requests:
        for request in read_payload(given).requests:
            answers.append((request.file, len(request.records), receiver.post(request.records)))
    refused = sum(not answer.accepted for _, _, answer in answers)
    if options.out:
        level = levels(form_of(standard), standard.items)
        with written_together(), replacing(Path(options.out) / "held.json") as unfinished:
            holds = [as_sent(path, level) for path in receiver.state.values()]
            unfinished.write_text(as_text(holds), encoding="utf-8", newline="\n")
    held = receiver.objects()
    if options.json:
        print_json(
            {
                "standard": standard.id,
                "requests": [
                    {"file": file, "records": count, "status": answer.status} for file, count, answer in answers
                ],
                "held": held,
            }
        )
    elif not options.quiet:
        for file, count, answer in answers:
            tell(f"{answer.status} {'taken' if answer.accepted else 'refused'}: {file}, {_records(count)}")
        tell(
            "The receiver holds: "
            + (", ".join(f"{number:,} {table}" for table, number in held.items() if number) or "nothing")
        )
    return ISSUES if refused else CLEAN
