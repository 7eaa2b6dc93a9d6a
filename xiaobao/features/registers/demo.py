"""The registers that the sample bank's head office keeps: small, whole for the bank, with a few things that went wrong.

Wrong on purpose: a partner found unfit and kept, a late first report of a major event, tasks overdue, mediations
without a complaint. What checks must find is planted by the recipes, never here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

from xiaobao.datasets.registers import POLICY_KINDS
from xiaobao.demo.rows import Record, at, yes_no
from xiaobao.demo.sample_bank import UnitRecords, customer

_HEAD, _OFFICE = "000000", "000002"
_SPOKEN = 6500  # customers of mediations, suggestions and surveys
_POLICY_TITLES = (
    "考核评价办法",
    "产品和服务风险等级评估办法",
    "客户信息保护管理办法",
    "信息披露管理办法",
    "营销宣传行为管理办法",
    "金融知识普及教育管理办法",
    "投诉处理管理办法",
    "消保监督与责任追究办法",
    "重大事件应急预案",
    "消费者权益保护工作管理办法",
)
_TASKS = (
    "修订投诉处理管理办法",
    "开展 3·15 集中教育宣传",
    "组织全员消保培训",
    "完成上线前消保审查清单化",
    "组织重大事件应急演练",
    "开展合作机构年度评价",
)

_Maker = Callable[[Sequence[UnitRecords]], Iterator[Record]]


def _key(desk: UnitRecords, prefix: str, number: int) -> str:
    return f"{prefix}{desk.period.start:%y%m}{number:04d}"


def _policies(desks: Sequence[UnitRecords]) -> Iterator[Record]:
    desk = desks[0]
    for number, (kind, title) in enumerate(zip(POLICY_KINDS, _POLICY_TITLES, strict=True)):
        new = number == 6 + desk.turn % 2
        issued = desk.day(40) if new else date(2023, 3 + number % 9, 1)
        yield {
            "policy_no": f"ZD{number + 1:03d}",
            "unit": _HEAD,
            "title": title,
            "kind": kind,
            "number": f"青禾银发〔{issued.year}〕{number + 11}号",
            "owner": "消费者权益保护部",
            "change": "修订" if new else "新订",
            "issued_on": issued,
            "effective_on": issued + timedelta(days=10),
            "evaluated_on": desk.day(100),
        }


def _meetings(desks: Sequence[UnitRecords]) -> Iterator[Record]:
    desk = desks[0]
    plan = (
        ("董事会", 25, "审议消保工作报告"),
        ("消保委员会", 45, "听取投诉分析"),
        ("高级管理层", 80, "研究整改"),
        ("部门协调会", 120, "协调产品整改"),
    )
    for number, (kind, day, topic) in enumerate(plan):
        yield {
            "meeting_no": _key(desk, "HY", number),
            "unit": _HEAD,
            "held_on": desk.day(day),
            "kind": kind,
            "title": f"{kind}会议",
            "topics": topic,
            "topic_count": 1 + number % 2,
            "attendees": 9 + number,
            "minutes_no": _key(desk, "JY", number),
            "follow_up": "落实中" if number == 3 else "已落实",
        }


def _posts(desks: Sequence[UnitRecords]) -> Iterator[Record]:
    for number in range(2):
        yield _post(f"E90000{number}", _OFFICE, "专职")
    for desk in desks:
        if desk.index % 7 != 6:
            yield _post(f"E{desk.index:05d}005", desk.unit.id, "兼职")


def _post(employee: str, unit: str, manner: str) -> Record:
    post = "消保管理岗" if manner == "专职" else "消保联络员"
    return {"employee": employee, "unit": unit, "post": post, "manner": manner, "from_date": date(2023, 6, 1)}


def _budget(desks: Sequence[UnitRecords]) -> Iterator[Record]:
    rows = (("教育宣传", "3000.50", "2750.50"), ("培训", "1200.00", "1180.00"), ("系统建设", "8000.00", ""))
    for number, (kind, planned, spent) in enumerate(rows):
        yield {
            "budget_no": _key(desks[0], "JF", number),
            "unit": _OFFICE,
            "item": f"{kind}经费",
            "kind": kind,
            "planned": Decimal(planned) * 100,
            "spent": Decimal(spent) * 100 if spent else "",
        }


def _reviews(desks: Sequence[UnitRecords]) -> Iterator[Record]:
    desk = desks[0]
    kinds = ("产品", "服务", "制度规则", "定价收费", "协议条款", "宣传材料", "宣传材料", "合作业务")
    for number, kind in enumerate(kinds):
        sent = desk.day(8 + number * 17)
        opinion = sent + timedelta(days=5)
        changed = number % 3 == 1
        yield {
            "review_no": _key(desk, "SC", number),
            "unit": f"00000{1 + number % 5}",
            "kind": kind,
            "title": f"{kind}送审事项{number + 1}",
            "submitted_on": sent,
            "reviewer": "E900000",
            "opinion": "修改后同意" if changed else "同意",
            "opinion_on": opinion,
            "remarks": 2 if changed else 0,
            "remarks_adopted": 2 if changed else 0,
            "adopted": "全部采纳" if changed else "无意见",
            "launched_on": opinion + timedelta(days=6),
            "evaluated_on": desk.day(165) if number == 0 else "",
            "evaluation": "继续" if number == 0 else "",
        }


def _training(desks: Sequence[UnitRecords]) -> Iterator[Record]:
    for session in range(2):
        yield {
            "training_no": _key(desks[0], "PX", session),
            "unit": _OFFICE,
            "held_on": desks[0].day(60 + session * 50),
            "title": ("消费者权益保护专题培训", "投诉多发岗位加训")[session],
            "form": ("现场加线上", "现场")[session],
            "hours": Decimal(3 - session),
            "expected_senior": ("3", "")[session],
            "expected_frontline": len(desks),
            "expected_new": ("2", "")[session],
            "extra": yes_no(session == 1),
            "post": ("", "柜员")[session],
        }


def _roster(desks: Sequence[UnitRecords]) -> Iterator[Record]:
    people = [(f"E80000{n}", _HEAD, "中高级管理人员") for n in range(3)] + [
        (f"E70000{n}", _OFFICE, "新入职人员") for n in range(2)
    ]
    people += [(f"E{desk.index:05d}001", desk.unit.id, "基层业务人员") for desk in desks if desk.index % 9 != 8]
    extra = [(f"E{desk.index:05d}002", desk.unit.id, "基层业务人员") for desk in desks]
    for number, (employee, unit, audience) in enumerate([*people, *extra]):
        score, session = (78 + number * 7 % 21 if number % 10 else 55), int(number >= len(people))
        yield {
            "training_no": _key(desks[0], "PX", session),
            "employee": employee,
            "unit": unit,
            "attended_on": desks[0].day(60 + session * 50),
            "audience": audience,
            "score": Decimal(score),
            "passed": yes_no(score >= 60),
        }


def _education(desks: Sequence[UnitRecords]) -> Iterator[Record]:
    forms = (("网点宣传", "社会公众"), ("进社区", "老年人"), ("进校园", "青少年"), ("进农村", "农村居民"))
    for desk in desks:
        form, audience = forms[desk.index % 4]
        yield {
            "activity_no": _key(desk, "XJ", desk.index),
            "unit": desk.unit.id,
            "held_on": desk.day(60 + desk.index % 60),
            "title": "金融消费者权益保护教育宣传",
            "form": form,
            "audience": audience,
            "times": 1 + desk.index % 3,
            "copies": 100 + desk.index * 10,
            "people": 30 + desk.index % 20,
            "product_ad": "否",
            "material_no": _key(desk, "ZL", desk.index % 4),
        }


def _mediation(desks: Sequence[UnitRecords]) -> Iterator[Record]:
    results = ("达成协议", "达成协议", "未达成协议", "申请人撤回")
    for number in range(4 + desks[0].turn):
        desk = desks[number % len(desks)]
        result = results[number % 4]
        amount = Decimal("12345.67") + number * Decimal("2000.01")
        yield {
            "mediation_no": _key(desk, "TJ", number),
            "unit": desk.unit.id,
            "requested_on": desk.day(20 + number * 25),
            "organisation": "临川市金融消费纠纷调解中心",
            "complaint_no": desk.key("TS", 1) if number % 2 else "",
            "contract_no": "" if number % 2 else _key(desk, "HT", number),
            "customer": customer(desk.index, _SPOKEN).number,
            "business_class": ("贷款", "银行卡")[number % 2],
            "amount": amount,
            "result": result,
            "closed_on": desk.day(35 + number * 25),
            "agreed_amount": amount / 2 // Decimal("0.01") / 100 if result == "达成协议" else "",
            "agreement_no": _key(desk, "XY", number) if result == "达成协议" else "",
        }


def _surveys(desks: Sequence[UnitRecords]) -> Iterator[Record]:
    questions = (
        ("1", "对网点服务是否满意", "单选"),
        ("2", "最希望改进的方面", "多选"),
        ("3", "请为投诉处理打分（0—10）", "评分"),
    )
    answers = (("满意", "基本满意", "不满意"), ("排队时间、收费说明", "收费说明", "排队时间"), ("9", "8", "6"))
    for desk in desks[:6]:
        for place, (number, question, kind) in enumerate(questions):
            yield {
                "survey_no": _key(desk, "WJ", 0),
                "response_no": _key(desk, "DJ", desk.index),
                "question_no": number,
                "unit": desk.unit.id,
                "answered_on": desk.day(130),
                "survey": "客户满意度问卷",
                "question": question,
                "question_kind": kind,
                "answer": answers[place][desk.index % 3],
                "customer": customer(desk.index, _SPOKEN + 1).number,
            }


def _mystery_visits(desks: Sequence[UnitRecords]) -> Iterator[Record]:
    for desk in desks[:8]:
        for number, item in enumerate(("主动迎客", "风险提示", "投诉渠道公示")):
            lost = (desk.index + number) % 5 == 1
            disputed = lost and desk.index % 2 == 1
            yield {
                "visit_no": _key(desk, "AF", desk.index),
                "item_no": str(number + 1),
                "unit": desk.unit.id,
                "visited_on": desk.day(90 + desk.index),
                "wave": "第一波",
                "vendor": "临川诚信调查有限公司",
                "item": item,
                "possible": Decimal(10),
                "score": Decimal(6 if lost else 10),
                "description": "录像可见" if lost else "",
                "disputed_on": desk.day(110) if disputed else "",
                "dispute_reason": "当时大堂经理在接待" if disputed else "",
                "dispute_result": "更正" if disputed else "",
                "reviewed_score": Decimal(10) if disputed else "",
            }


def _partners(desks: Sequence[UnitRecords]) -> Iterator[Record]:
    rows = (
        ("临川人寿保险", "保险", "合格"),
        ("青石基金", "基金", "优秀"),
        ("望江催收服务", "催收", "不合格"),
        ("云陵科技", "科技外包", "合格"),
    )
    for number, (name, kind, verdict) in enumerate(rows):
        yield {
            "partner_no": f"HZ{number + 1:03d}",
            "unit": f"00000{3 + number % 3}",
            "name": name,
            "kind": kind,
            "admitted_on": date(2024, 3 + number, 1),
            "admission_no": f"ZR2024{number + 1:03d}",
            "agreement_no": f"XY2024{number + 1:03d}",
            "agreement_ends_on": date(2027, 12, 31),
            "evaluated_on": desks[0].day(150),
            "evaluation": verdict,
        }


def _major_events(desks: Sequence[UnitRecords]) -> Iterator[Record]:
    desk = desks[0]
    known = at(desk.day(50), 9, 30)
    event = {"unit": _HEAD, "record": "事件", "kind": "系统中断", "grade": "一般", "reported_to": "属地监管部门"}
    for number, hours in enumerate((6, 30)):
        moment = known + timedelta(days=40 * number)
        yield {
            **event,
            "event_no": _key(desk, "SJ", number),
            "known_at": moment,
            "people": 60 + number,
            "summary": "手机银行登录缓慢，客户集中来电",
            "first_report_at": moment + timedelta(hours=hours),
            "final_report_at": moment + timedelta(days=9),
        }
    yield {
        **event,
        "event_no": _key(desk, "SJ", 2),
        "record": "演练",
        "kind": "大量集中投诉",
        "known_at": at(desk.day(140), 15),
    }


def _suggestions(desks: Sequence[UnitRecords]) -> Iterator[Record]:
    for desk in desks[:5]:
        received = desk.day(30 + desk.index * 20)
        yield {
            "suggestion_no": _key(desk, "YJ", desk.index),
            "unit": desk.unit.id,
            "received_on": received,
            "source": ("意见簿", "电话", "网络")[desk.index % 3],
            "customer": customer(desk.index, _SPOKEN + 2).number,
            "content": "建议增设老花镜和饮水处",
            "answer": "已采纳" if desk.index % 2 else "已答复",
            "answered_on": received + timedelta(days=4) if desk.index != 4 else "",
            "adopted": yes_no(desk.index % 2 == 1),
        }


def _public_opinion(desks: Sequence[UnitRecords]) -> Iterator[Record]:
    desk = desks[0]
    for number, tone in enumerate(("负面", "中性")):
        yield {
            "opinion_no": _key(desk, "YQ", number),
            "unit": _HEAD,
            "found_on": desk.day(51 + number * 30),
            "medium": "本地论坛",
            "tone": tone,
            "grade": "一般",
            "summary": "反映手机银行登录缓慢",
            "handled_on": desk.day(52 + number * 30),
            "closed_on": desk.day(60 + number * 30),
            "result": "已公开说明",
            "event_no": _key(desk, "SJ", 0) if not number else "",
        }


def _case_analyses(desks: Sequence[UnitRecords]) -> Iterator[Record]:
    yield {
        "case_no": _key(desks[0], "AL", 0),
        "unit": _OFFICE,
        "made_on": desks[0].day(155),
        "title": "短信服务费退费投诉案例分析",
        "business_class": "其他中间业务",
        "cause": "开通时没有留存签约凭证",
        "lesson": "系统校验签约凭证后方可收费",
        "shared": "是",
    }


def _work_plan(desks: Sequence[UnitRecords]) -> Iterator[Record]:
    desk = desks[0]
    for number, task in enumerate(_TASKS):
        due = desk.day(50 + number * 26)
        done = due + timedelta(days=-3 if number % 3 else 4) if number < 4 else ""
        yield {
            "task_no": _key(desk, "RW", number),
            "unit": f"00000{1 + number % 5}",
            "department": "消费者权益保护部",
            "task": task,
            "due_on": due,
            "done_on": done,
            "evidence": _key(desk, "ZM", number) if done and number != 2 else "",
        }


REGISTER_ROWS: dict[str, _Maker] = {
    "policies": _policies,
    "meetings": _meetings,
    "posts": _posts,
    "budget": _budget,
    "reviews": _reviews,
    "training": _training,
    "training_roster": _roster,
    "education": _education,
    "mediation": _mediation,
    "surveys": _surveys,
    "mystery_visits": _mystery_visits,
    "partners": _partners,
    "major_events": _major_events,
    "suggestions": _suggestions,
    "public_opinion": _public_opinion,
    "case_analyses": _case_analyses,
    "work_plan": _work_plan,
}
