"""The sections of a work report (消保工作报告). What the data do not give is said to be missing."""

from __future__ import annotations

from collections.abc import Iterator

from xiaobao.features.complaints.report_sentences import complaint_totals
from xiaobao.word.sentences import Lines, Sentence, SentenceWriter, reserved_lines


def sections(w: SentenceWriter) -> dict[str, Lines]:
    """Return the sections by the names that templates use."""
    made = {
        "governance": _governance(w),
        "policies": _policies(w),
        "reviews": _reviews(w),
        "conduct": _conduct(w),
        "personal_information": _personal_information(w),
        "complaints": complaint_totals(w),
        "disputes": _disputes(w),
        "education": _education(w),
        "training": _training(w),
        "special_groups": _special_groups(w),
        "inspections": _inspections(w),
        "plan": _plan(w),
    }
    return {name: tuple(lines) for name, lines in made.items()}


def _missing(register: str, what: str) -> Sentence:
    return Sentence((f"{register}本期没有提供，{what}无数据。",))


def _governance(w: SentenceWriter) -> Iterator[Sentence]:
    if not w.known("会议·次数"):
        yield _missing("会议登记簿", "会议情况")
    elif not w.some("会议·次数"):
        yield w.say("会议登记簿中本期没有会议。")
    else:
        yield w.say("本期召开研究消费者权益保护工作的会议{会议·次数}，其中", w.listed("会议·类别"), "。")
        if w.given("会议·议题"):
            yield w.say("会议审议或者听取消费者权益保护议题{会议·议题}。")
        if w.some("会议·未落实议定事项的会议"):
            yield w.say("议定事项尚未全部落实的会议{会议·未落实议定事项的会议}。")
    if not w.known("岗位·人数"):
        yield _missing("消保岗位登记簿", "岗位人员情况")
    else:
        coverage = "，岗位人员覆盖被检查机构的{岗位·覆盖率}" if w.given("岗位·覆盖率") else ""
        yield w.say("期末消费者权益保护岗位人员{岗位·人数}", _among(w, "岗位·方式"), f"{coverage}。")
    if not w.known("经费·预算"):
        yield _missing("经费登记簿", "经费情况")
    else:
        spent = "，已支出{经费·支出}" if w.given("经费·支出") else "，支出没有填写"
        rate = "；填有支出的项目预算执行率{经费·执行率}" if w.given("经费·执行率") else ""
        yield w.say("消费者权益保护经费预算{经费·预算}", f"{spent}{rate}。")


def _among(w: SentenceWriter, prefix: str) -> Sentence:
    listed = w.listed(prefix)
    return Sentence(("，其中", *listed.parts)) if listed.parts else Sentence(())


def _policies(w: SentenceWriter) -> Iterator[Sentence]:
    if not w.known("制度·现行"):
        yield _missing("制度登记簿", "制度建设情况")
        return
    yield w.say("期末现行消费者权益保护制度{制度·现行}；本期新订{制度·新订}，修订{制度·修订}，废止{制度·废止}。")
    if w.some("制度·未覆盖类别"):
        yield w.say("对照金融消费者权益保护内控制度的十个类别，尚有{制度·未覆盖类别}没有现行制度。")


def _reviews(w: SentenceWriter) -> Iterator[Sentence]:
    if not w.known("审查·总数"):
        yield _missing("消保审查登记簿", "消保审查情况")
        return
    if not w.some("审查·总数"):
        yield w.say("消保审查登记簿中本期没有送审事项。")
        return
    yield w.say("本期送审{审查·总数}", _among(w, "审查·类别"), _against(w, "审查"), "。")
    if w.listed("审查·意见").parts:
        yield w.say("已出具的审查意见：", w.listed("审查·意见"), "；尚未出具意见{审查·未出意见}。")
    else:
        yield w.say("尚未出具意见{审查·未出意见}。")
    if w.some("审查·提出意见"):
        yield w.say("提出审查意见{审查·提出意见}，采纳{审查·采纳意见}，采纳率{审查·采纳率}。")
    if w.some("审查·意见前上线"):
        yield w.say("登记簿显示，在审查意见出具之前上线或者没有审查意见而上线的有{审查·意见前上线}。")
    yield w.say("已上线{审查·上线}，开展售后评估{审查·售后评估}，下架{审查·下架}。")


def _against(w: SentenceWriter, group: str) -> Sentence:
    """Return “，上年同期 3 件，增长 …”, nothing without last year's register."""
    if not w.known(f"{group}·上年同期") or not w.given(f"{group}·上年同期"):
        return Sentence(())
    if not w.given(f"{group}·增幅"):
        return w.say(f"；上年同期{{{group}·上年同期}}")
    return w.say(f"；上年同期{{{group}·上年同期}}，", w.changed(f"{group}·增幅", "增长", "下降"))


def _domain(w: SentenceWriter, title: str) -> Sentence:
    if not w.some(f"检查·得分·{title}·参评机构"):
        return w.say(f"{title}：本期没有可以评分的检查结果。")
    scored = f"{title}：最近一批检查有{{检查·得分·{title}·参评机构}}机构得分，平均{{检查·得分·{title}·平均分}}，"
    low = f"最低{{检查·得分·{title}·最低分}}；"
    if w.some(f"检查·发现·{title}·项数"):
        found = f"本期形成检查发现{{检查·发现·{title}·项数}}，涉及{{检查·发现·{title}·机构}}机构。"
    else:
        found = "本期没有形成检查发现。"
    return w.say(scored + low + found)


def _conduct(w: SentenceWriter) -> Iterator[Sentence]:
    for title in ("信息披露", "适当性管理", "营销宣传与销售可回溯"):
        yield _domain(w, title)
    if not w.known("合作机构·现行"):
        yield _missing("合作机构登记簿", "合作机构管理情况")
        return
    yield w.say("期末合作机构{合作机构·现行}；本期准入{合作机构·准入}，退出{合作机构·退出}，开展评价{合作机构·评价}。")
    if w.some("合作机构·评价不合格仍在合作"):
        yield w.say("评价不合格而仍在合作的有{合作机构·评价不合格仍在合作}。")


def _personal_information(w: SentenceWriter) -> Iterator[Sentence]:
    yield _domain(w, "信息安全")
    reason = "投诉·原因·消费者信息安全·件数"
    if w.given(reason):
        yield w.say(f"投诉原因为消费者信息安全的{{{reason}}}。")
    if w.known("重大事件·件数"):
        leak = "重大事件·类别·个人信息泄露"
        sentence = (
            f"重大事件登记簿中个人信息泄露事件{{{leak}}}。"
            if leak in w.figures
            else "重大事件登记簿中没有个人信息泄露事件。"
        )
        yield w.say(sentence)
    else:
        yield _missing("重大事件登记簿", "个人信息泄露事件情况")


def _disputes(w: SentenceWriter) -> Iterator[Sentence]:
    if not w.known("调解·件数"):
        yield _missing("调解登记簿", "纠纷多元化解情况")
        return
    if not w.some("调解·件数"):
        yield w.say("调解登记簿中本期没有调解申请", _against(w, "调解"), "。")
        return
    yield w.say(
        "本期申请调解{调解·件数}", _against(w, "调解"), "；争议金额{调解·争议金额}", _against(w, "调解·金额"), "。"
    )
    success = "；调解成功率{调解·成功率}" if w.given("调解·成功率") else ""
    yield w.say("调解结果：", w.listed("调解·结果"), f"{success}。")
    if w.given("调解·协议金额"):
        yield w.say("达成协议的金额{调解·协议金额}。")


def _education(w: SentenceWriter) -> Iterator[Sentence]:
    if not w.known("宣传·活动"):
        yield _missing("宣传活动登记簿", "宣传教育情况")
        return
    if not w.some("宣传·活动"):
        yield w.say("宣传活动登记簿中本期没有活动。")
        return
    yield w.say("本期开展金融知识宣传教育活动{宣传·活动}，共{宣传·场次}", _against(w, "宣传"), "。")
    yield w.say("按形式分：", w.listed("宣传·形式"), "；按受众分：", w.listed("宣传·受众"), "。")
    reached = (("发放资料", "宣传·发放资料"), ("现场受众", "宣传·现场受众"), ("线上触达", "宣传·线上触达"))
    named = "，".join(f"{words}{{{name}}}" for words, name in reached if w.given(name))
    if named:
        yield w.say(f"{named}。")
    coverage = "，覆盖被检查机构的{宣传·机构覆盖率}" if w.given("宣传·机构覆盖率") else ""
    yield w.say(f"举办活动的机构{{宣传·举办机构}}{coverage}。")
    if w.some("宣传·夹带营销"):
        yield w.say("登记簿显示含有产品营销内容的活动{宣传·夹带营销}，应当整改。")


def _training(w: SentenceWriter) -> Iterator[Sentence]:
    if not w.known("培训·场次"):
        yield _missing("培训登记簿", "培训情况")
        return
    if not w.some("培训·场次"):
        yield w.say("培训登记簿中本期没有培训。")
    else:
        hours = "，合计{培训·课时}" if w.given("培训·课时") else ""
        yield w.say(f"本期组织消费者权益保护培训{{培训·场次}}{hours}", _against(w, "培训"), "。")
        if w.some("培训·加训"):
            yield w.say("针对投诉较多的岗位加训{培训·加训}。")
    if not w.known("培训·参训人次"):
        yield _missing("培训花名册", "参训人员和测试情况")
        return
    yield w.say("参训{培训·参训人次}，涉及{培训·参训人数}。")
    for audience in ("中高级管理人员", "基层业务人员", "新入职人员"):
        if w.given(f"培训·{audience}·参训率"):
            yield w.say(f"{audience}参训{{培训·{audience}·人次}}，参训率{{培训·{audience}·参训率}}。")
        elif w.some(f"培训·{audience}·人次"):
            yield w.say(f"{audience}参训{{培训·{audience}·人次}}；没有填写应参训人数，不计算参训率。")
        else:
            yield w.say(f"花名册中没有{audience}。")
    if w.some("培训·测试人次"):
        passed = "，合格率{培训·测试合格率}" if w.given("培训·测试合格率") else ""
        yield w.say(f"参加测试{{培训·测试人次}}，平均{{培训·测试平均分}}{passed}。")


def _special_groups(w: SentenceWriter) -> Iterator[Sentence]:
    yield _domain(w, "特殊群体服务")
    if w.known("宣传·活动"):
        named = [
            (name, one)
            for name, one in w.figures.below("宣传·受众")
            if name in ("老年人", "残疾人", "青少年") and one.value
        ]
        parts: list[Sentence] = []
        for name, one in named:
            parts.append(Sentence((f"{'、' if parts else ''}面向{name}", one)))
        yield (
            w.say("宣传教育活动中，", *parts, "。")
            if parts
            else w.say("宣传活动登记簿中没有专门面向老年人、残疾人、青少年的活动。")
        )


def _inspections(w: SentenceWriter) -> Iterator[Sentence]:
    if not w.known("检查·机构"):
        yield w.say("本期没有检查批次，检查和考核情况无数据。")
    else:
        yield w.say("本期开展检查{检查·批次}；最近一批检查机构{检查·机构}，有得分的{检查·有得分机构}。")
        if w.some("检查·有得分机构"):
            spread = "得分平均{检查·平均分}，中位数{检查·中位数}，最高{检查·最高分}，最低{检查·最低分}"
            yield w.say(f"有得分的{{检查·有得分机构}}机构{spread}。")
            yield from reserved_lines(w)
        bare = w.some("检查·未检查机构", "检查·覆盖不足机构")
        if bare:
            yield w.say("未检查{检查·未检查机构}，评分覆盖不足{检查·覆盖不足机构}，没有得分不能说明没有问题。")
        if w.some("检查·发现"):
            yield w.say("形成检查发现{检查·发现}，其中", w.listed("检查·定性"), "。")
        elif not bare:
            yield w.say("没有形成检查发现。")
        if w.some("检查·疑点"):
            yield w.say("数据检查提示疑点{检查·疑点}，其中", w.listed("检查·疑点"), "。")
        if w.some("检查·一票否决"):
            yield w.say("触发一票否决{检查·一票否决}。")
        yield from _rectification(w)
    yield from _monitoring(w)


def _rectification(w: SentenceWriter) -> Iterator[Sentence]:
    if not w.some("整改·措施"):
        yield w.say("整改台账中没有本期的整改措施。" if w.some("整改·往期·未完成") else "整改台账中没有整改措施。")
    else:
        yield w.say(
            "整改措施{整改·措施}，其中整改中{整改·整改中}，待验证{整改·待验证}，待销号{整改·待销号}，"
            "已销号{整改·已销号}，销号率{整改·销号率}；逾期{整改·逾期}。"
        )
    if w.some("整改·往期·未完成"):
        yield w.say("以前期间的整改措施还有{整改·往期·未完成}没有完成，其中逾期{整改·往期·逾期}。")


def _monitoring(w: SentenceWriter) -> Iterator[Sentence]:
    if w.some("神秘人·暗访"):
        rate = "，得分率{神秘人·得分率}" if w.given("神秘人·得分率") else ""
        yield w.say(f"神秘人暗访{{神秘人·暗访}}，涉及机构{{神秘人·机构}}{rate}。")
    if w.some("问卷·调查"):
        yield w.say("开展问卷调查{问卷·调查}，收回答卷{问卷·答卷}。")
    if w.some("意见建议·件数"):
        yield w.say("收到意见建议{意见建议·件数}，已答复{意见建议·答复}，采纳{意见建议·采纳}。")
    if w.known("重大事件·件数"):
        late = "，按本行设定的时限迟报{重大事件·迟报}" if w.some("重大事件·迟报") else ""
        events = f"登记重大事件{{重大事件·件数}}{late}" if w.some("重大事件·件数") else "重大事件登记簿中本期没有事件"
        yield w.say(f"{events}；开展应急演练{{重大事件·演练}}。")
    else:
        yield _missing("重大事件登记簿", "重大事件和应急演练情况")
    if w.given("集中投诉·预警"):
        rule = Sentence((w.figures.tables["clusters"].note,))
        count = "发生预警{集中投诉·预警}" if w.some("集中投诉·预警") else "没有达到预警条件的集中投诉"
        yield w.say(f"投诉台账显示，{count}；", rule)
    if w.known("舆情·总数"):
        yield w.say("登记舆情{舆情·总数}，其中负面{舆情·负面}，负面未平息{舆情·负面未平息}。")


def _plan(w: SentenceWriter) -> Iterator[Sentence]:
    if not w.known("计划·任务"):
        yield _missing("工作计划登记簿", "工作计划完成情况")
        return
    if not w.some("计划·任务"):
        yield w.say("工作计划登记簿中没有任务。")
        return
    rate = "，完成率{计划·完成率}" if w.given("计划·完成率") else ""
    yield w.say(
        "工作计划任务{计划·任务}：按期完成{计划·按期完成}，逾期完成{计划·逾期完成}，逾期未完成{计划·逾期未完成}，"
        f"未到期{{计划·未到期}}{rate}。"
    )
    if w.some("计划·无佐证"):
        yield w.say("已完成而没有登记佐证材料的任务{计划·无佐证}。")
