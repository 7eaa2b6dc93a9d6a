"""The form on which an inspection is filled: every answer is in the store before the page says 已保存."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from msgspec.structs import replace

from xiaobao import labels
from xiaobao.errors import InputError, StaleRevision, XiaobaoError
from xiaobao.forms.content import content_state, told_shares, wordings_reply
from xiaobao.forms.conversing import Page, script
from xiaobao.forms.objecting import add_to_appeal, appeal_state, standing, take_step
from xiaobao.forms.page_choice import PageChoice, Rights, choices, handed_in
from xiaobao.forms.patches import read_response
from xiaobao.forms.showing import file_state, form_state, progress_state, question_state, response_state, rounds_state
from xiaobao.forms.uploads import PIECE, Uploads, evidence_sent
from xiaobao.model import Response
from xiaobao.workbench.inspections import filling as inspecting
from xiaobao.workbench.inspections import signing
from xiaobao.workbench.inspections.assigning import assign
from xiaobao.workbench.inspections.beside import confirm_last
from xiaobao.workbench.inspections.evidence import ALLOWED, MEGABYTES
from xiaobao.workbench.inspections.reviewing import cost_text, review_item
from xiaobao.workbench.results.questions import keep_sheet, return_sheet
from xiaobao.workbench.versions.moving import move_sheet, newer_version
from xiaobao.workbench.workspace import Workbench


class FillForm(Page):
    """Sections, items, answers, evidence; submit, give back, review.

    For a page that is `waking` nothing is drawn: it has it all, and the sheet is opened with its first message.
    """

    _esm = script("core.js", "resting.js", "evidence.js", "review.js", "appeal.js", "content.js", "form.js")
    title: ClassVar[str] = "检查表填报"

    def __init__(self, wb: Workbench, asked: PageChoice, waking: bool = False) -> None:
        self._wb = wb
        self._asleep = asked if waking else None
        self._form: inspecting.Form | None = None
        self._period = ""
        self._uploads = Uploads()
        self._looked = -1
        self._fault = ""
        super().__init__({} if waking else self._open(asked))

    def _shown(self) -> str:
        if self._form is None:
            return "未选择"
        done = inspecting.progress(self._form)
        where = f"{self._form.unit.name} {self._form.period.code} {self._form.checklist.title}"
        return f"{where} 已答 {done.answered}/{done.total}"

    def reply(self, content: Mapping[str, object], buffers: Sequence[bytes] = ()) -> Mapping[str, object]:
        """Answer a message of the page; all but `open` need an open form. Raises InputError for an unknown type.

        Types: open, look (what others saved since), save, piece (of a file), review_item, confirm, confirm_last (the
        last period's answer), assign, wordings, keep_wording, drop_wording, clear_remark, answer_question,
        move_version; of the sheet as a whole confirm_sheet, submit, take_back, give_back, review, approve; of all
        sheets of the unit confirm_all, submit_all, review_all, approve_all.
        """
        kind = content.get("type")
        if kind == "open":
            asked = {name: str(content.get(name) or "") for name in ("unit", "period", "domain")}
            return {"type": "state", "state": self._open(PageChoice(**asked))}
        form = self._required_form()
        if kind == "evidence":
            return evidence_sent(self._wb, content)
        if kind == "look":
            return self._look(form, content)
        if kind == "save":
            return self._save(form, content.get("items"))
        if kind == "piece":
            return self._take_piece(form, content, b"".join(buffers))
        if kind == "review_item":
            return self._review(form, content)
        if kind == "confirm":
            inspecting.confirm(self._wb, self._refresh(form), str(content.get("item")))
            return self._reopened(form)
        if kind == "confirm_last":
            confirm_last(self._wb, form, str(content.get("item")))
            return self._reopened(form)
        if kind == "assign":
            assign(self._wb, form, str(content.get("node")), str(content.get("login") or ""))
            return {"type": "assigned"}
        if kind in ("wordings", "keep_wording", "drop_wording"):
            return wordings_reply(self._wb, form, str(kind), content)
        if kind == "move_version":
            form = self._refresh(form)
            move_sheet(self._wb, form, str(content.get("reason") or ""), str(content.get("version") or ""))
            return self._reopened(form)
        if kind == "answer_question":
            return self._answer_question(form, str(content.get("answer")), str(content.get("reason") or ""))
        if kind == "clear_remark":
            signing.clear_remark(self._wb, self._refresh(form), _number(content), str(content.get("note") or ""))
            return self._reopened(form)
        if kind == "reopen":
            return self._reopened(form)
        if kind in ("file_appeal", "withdraw_appeal", "decide_appeal"):
            take_step(self._wb, form, str(kind), content)
            return self._reopened(form)
        if kind in _OF_ALL:
            return self._take_all(form, _OF_ALL[str(kind)])
        if kind in _OF_ONE:
            self._sign(self._refresh(form), str(kind), content)
            return self._reopened(form)
        raise InputError(f"不认识的操作：{kind}")

    def _open(self, asked: PageChoice) -> dict[str, object]:
        """Return the page's state; what cannot be opened is said on the page, with the choices still there."""
        offered = choices(self._wb, asked)
        state: dict[str, object] = {
            "chooser": offered.plain(),
            "fault": offered.fault,
            "limits": {"piece": PIECE, "megabytes": MEGABYTES, "allowed": ALLOWED},
        }
        self._form, self._looked, self._fault, self._asleep = None, -1, "", None
        chosen = offered.chosen
        self._period = chosen.period
        if chosen.unit and chosen.period and chosen.domain:
            try:
                self._form = inspecting.open_form(self._wb, chosen.unit, chosen.period, chosen.domain)
                newer = newer_version(self._wb, self._form)
                state |= form_state(
                    self._form,
                    self._wb.settings.bank,
                    self._wb.actor,
                    newer,
                    self._refused(self._form),
                    standing(self._wb, self._form),
                )
                held, state["work"] = content_state(self._wb, self._form)
                for section in state["sections"]:  # type: ignore[attr-defined]
                    for item in section["items"]:
                        item.update(held[item["id"]])
                state["question"] = self._question(self._form)
                state["rounds"] = rounds_state(self._wb, self._form)
                state["appeal"] = appeal_state(self._wb, self._form)
                state["next"] = self._next(self._form, offered.domains)
            except XiaobaoError as error:
                state["fault"] = self._fault = str(error)
        return state

    def _next(self, form: inspecting.Form, domains: Sequence[tuple[str, str]]) -> dict[str, str] | None:
        """Return the next sheet of the unit that waits to be handed in, once this one was; None where there is none."""
        if form.open or form.campaign.state == "closed":
            return None
        may = Rights(self._wb, self._period)
        done = handed_in(self._wb, form.campaign, form.unit.id)
        names = [domain for domain, _ in domains]
        at = names.index(form.domain) + 1 if form.domain in names else 0
        for domain, title in [*domains[at:], *domains[:at]]:
            if domain not in done and not may.why("answer.save", form.unit.id, domain):
                return {"domain": domain, "title": title}
        return None

    def _refused(self, form: inspecting.Form) -> dict[str, str]:
        may = Rights(self._wb, self._period)
        verbs = ("answer.save", "sheet.submit") if form.open else ("sheet.review",)
        return {verb: why for verb in verbs if (why := may.why(verb, form.unit.id, form.domain))}

    def _question(self, form: inspecting.Form) -> dict[str, object] | None:
        """Return what newer data ask of this sheet, None where there is nothing to say."""
        key = (form.unit.id, form.domain)
        question = self._wb.store.questions(form.campaign.id, form.unit.id).get(key)
        kept = self._wb.store.handed_in(form.campaign.id, form.unit.id).get(key)
        if form.open or question is None or kept is None:
            return None
        return question_state(form, question, kept, self._wb.actor)

    def _answer_question(self, form: inspecting.Form, answer: str, reason: str) -> Mapping[str, object]:
        """Answer the question of newer data: return the sheet, or keep it with a reason."""
        said = {"returned": return_sheet, "kept": keep_sheet}
        if answer not in said:
            raise InputError(f"不认识的答复：{answer}")
        said[answer](self._wb, form.campaign, form.unit.id, form.domain, reason)
        return self._reopened(form)

    def _required_form(self) -> inspecting.Form:
        if self._form is None and self._asleep is not None:
            asked = self._asleep
            self._form = inspecting.open_form(self._wb, asked.unit, asked.period, asked.domain)
            self._period, self._asleep = asked.period, None
        if self._form is None:
            raise InputError(self._fault or "请先选择机构、期间和检查域")
        return self._form

    def _refresh(self, form: inspecting.Form) -> inspecting.Form:
        self._form = inspecting.reopen(self._wb, form)
        return self._form

    def _save(self, form: inspecting.Form, items: object) -> Mapping[str, object]:
        saved: dict[str, object] = {}
        faults: dict[str, list[str]] = {}
        stale: dict[str, object] = {}
        patches = items if isinstance(items, dict) else {}
        kept: inspecting.Form | None = None
        try:
            saved, kept = self._answer_together(form, patches)
            patches = {}
        except XiaobaoError:  # then each by itself: one that is refused holds up no other
            pass
        for item_id, patch in _in_order(form, patches):
            try:
                if item_id in form.items and form.items[item_id].conditional:
                    form = self._refresh(form)  # what it hangs on may have been saved a moment ago
                saved[item_id] = response_state(self._answer(form, item_id, patch), self._marks(form, item_id))
            except StaleRevision as error:
                stale[item_id] = self._both(form, item_id, error)
            except XiaobaoError as error:
                faults[item_id] = [str(replace(fault, item="", column="")) for fault in error.faults]
        self._form = form = kept or self._refresh(form)
        answer = {"type": "ack", "saved": saved, "faults": faults, "stale": stale}
        costs = self._costs(form, items if isinstance(items, dict) else {})
        return answer | {"progress": progress_state(form), "open": form.open, "costs": costs}

    def _costs(self, form: inspecting.Form, patches: Mapping[str, object]) -> dict[str, str]:
        """Return what each answer of a patch costs, saved or refused; nothing of one that cannot be read."""
        costs = {}
        for item_id, patch in patches.items():
            try:
                costs[item_id] = cost_text(form.items[item_id], self._offered(form, item_id, patch))
            except (KeyError, XiaobaoError):
                continue
        return costs

    def _look(self, form: inspecting.Form, content: Mapping[str, object]) -> Mapping[str, object]:
        """Return the answers that are newer than those `known` to the page, and a word where the sheet was moved on."""
        record = inspecting.find_inspection(self._wb, form.campaign, form.unit.id, form.domain)
        if record is None or (form.record is not None and record.revision == self._looked):
            return {"type": "news", "items": {}, "moved": ""}
        form, known = self._refresh(form), content.get("known")
        self._looked = record.revision
        seen = known if isinstance(known, dict) else {}
        items = {
            name: response_state(entry.response, self._marks(form, name))
            for name, entry in form.items.items()
            if not entry.carried and entry.response.revision > int(seen.get(name) or 0)
        }
        moved = (
            f"本检查表{labels.STATES[form.state]}，页面上的内容不再是最新。"
            if form.state != content.get("state")
            else ""
        )
        return {"type": "news", "items": items, "moved": moved, "told": told_shares(self._wb, form)}

    def _answer_together(
        self, form: inspecting.Form, patches: Mapping[str, object]
    ) -> tuple[dict[str, object], inspecting.Form | None]:
        """Save all the answers of a patch at once: somebody who types fast waits for one writing, not for twenty.

        Beside them the form that holds them, None where it must be read anew.
        """
        offered = []
        for item_id, patch in patches.items():
            seen = patch.get("revision") if isinstance(patch, dict) else 0
            said = self._offered(form, str(item_id), patch)
            offered.append(replace(said, revision=seen if isinstance(seen, int) else 0))
        kept = inspecting.answer_all(self._wb, form, offered) if offered else ()
        saved: dict[str, object] = {one.item_id: response_state(one, self._marks(form, one.item_id)) for one in kept}
        return saved, inspecting.with_answers(form, kept)

    def _answer(self, form: inspecting.Form, item_id: str, patch: object) -> Response:
        """Save one item. The same content saved before (its acknowledgement was lost) counts as saved."""
        seen = patch.get("revision") if isinstance(patch, dict) else 0
        offered = self._offered(form, item_id, patch)
        try:
            return inspecting.answer(self._wb, form, offered, seen if isinstance(seen, int) else 0)
        except StaleRevision:
            now = self._refresh(form).items[item_id].response
            if replace(offered, revision=now.revision, author=now.author, at=now.at) == now:
                return now
            raise

    def _offered(self, form: inspecting.Form, item_id: str, patch: object) -> Response:
        return read_response(item_id, patch if isinstance(patch, dict) else {}, self._marks(form, item_id))

    def _marks(self, form: inspecting.Form, item_id: str) -> Mapping[str, str]:
        return form.items[item_id].item.marks() if item_id in form.items else {}

    def _both(self, form: inspecting.Form, item_id: str, error: StaleRevision) -> Mapping[str, object]:
        now = self._refresh(form).items[item_id].response
        return {"saved": response_state(now, self._marks(form, item_id)), "message": "他人已先保存，请选择保留哪一份"}

    def _take_piece(self, form: inspecting.Form, content: Mapping[str, object], piece: bytes) -> Mapping[str, object]:
        item_id, upload = str(content.get("item")), content.get("upload")
        try:
            whole = self._uploads.take(content, piece)
            if whole is None:
                return {"type": "piece", "upload": upload}
            if content.get("about") == "appeal":
                add_to_appeal(self._wb, form, str(content.get("name") or ""), whole)
                return {"type": "attached", "upload": upload, "item": item_id, "file": None, "faults": []}
            kept = inspecting.attach(self._wb, form, item_id, str(content.get("name") or ""), whole)
        except XiaobaoError as error:
            faults = [str(fault) for fault in error.faults]
            return {"type": "attached", "upload": upload, "item": item_id, "faults": faults}
        self._refresh(form)
        file = file_state(kept)
        return {"type": "attached", "upload": upload, "item": item_id, "file": file, "faults": []}

    def _review(self, form: inspecting.Form, content: Mapping[str, object]) -> Mapping[str, object]:
        """Save a reviewer's own answer to one item; a blank conclusion takes it back."""
        fields, seen = content.get("answer"), content.get("revision")
        item_id = str(content.get("item"))
        offered = read_response(item_id, fields if isinstance(fields, dict) else {}, self._marks(form, item_id))
        review_item(self._wb, form, offered, seen if isinstance(seen, int) else 0)
        return self._reopened(form)

    def _reopened(self, form: inspecting.Form) -> Mapping[str, object]:
        return {
            "type": "state",
            "state": self._open(PageChoice(unit=form.unit.id, period=self._period, domain=form.domain)),
        }

    def _sign(self, form: inspecting.Form, kind: str, content: Mapping[str, object]) -> None:
        """Take one step of the sheet; a return carries remarks by item id."""
        reason, remarks = str(content.get("reason") or ""), content.get("remarks")
        if kind == "give_back":
            asked = {str(item): str(text) for item, text in remarks.items()} if isinstance(remarks, dict) else {}
            signing.give_back(self._wb, form, reason, asked)
        elif kind in ("review", "approve"):
            (signing.review if kind == "review" else signing.approve)(self._wb, form, reason)
        else:
            _OF_ONE[kind](self._wb, form)

    def _take_all(
        self, form: inspecting.Form, act: Callable[[Workbench, str, str], Sequence[signing.Step]]
    ) -> Mapping[str, object]:
        """Take every sheet of the unit a step on, and tell of each what became of it."""
        done = [f"{step.title}：{step.left or '完成'}" for step in act(self._wb, self._period, form.unit.id)]
        return {**self._reopened(form), "told": done or ["没有可以办理的检查表"]}


_OF_ONE: Mapping[str, Callable[..., object]] = {
    "confirm_sheet": signing.confirm_sheet,
    "submit": signing.submit,
    "take_back": signing.take_back,
    "give_back": signing.give_back,
    "review": signing.review,
    "approve": signing.approve,
}
_OF_ALL: Mapping[str, Callable[[Workbench, str, str], Sequence[signing.Step]]] = {
    "confirm_all": signing.confirm_all,
    "submit_all": signing.submit_all,
    "review_all": signing.review_all,
    "approve_all": signing.approve_all,
}


def _in_order(form: inspecting.Form, items: Mapping[object, object]) -> list[tuple[str, object]]:
    """Return patches by item in an order in which no item comes before one that it hangs on."""
    depth: dict[str, int] = {}

    def deep(item_id: str) -> int:
        if item_id not in depth:
            depth[item_id] = 0
            hangs = form.items[item_id].item.relevant if item_id in form.items else ()
            depth[item_id] = max((deep(one.item) + 1 for one in hangs), default=0)
        return depth[item_id]

    return sorted(((str(item_id), patch) for item_id, patch in items.items()), key=lambda pair: deep(pair[0]))


def _number(content: Mapping[str, object]) -> int:
    number = content.get("number")
    return number if isinstance(number, int) else 0
