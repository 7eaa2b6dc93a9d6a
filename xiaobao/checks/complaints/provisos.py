"""What 3号令 excepts, said once for all checks that cite it."""

from __future__ import annotations

from xiaobao.checks.bases import Proviso

APPRAISAL = Proviso(
    says="外部鉴定、检测、评估期间可以不计入，应及时告知（第二款）",
    columns=("appraisal_from", "appraisal_to", "appraisal_proof"),
    ask="如有不计入期限的外部鉴定、检测、评估并已告知",
)
NEW_MATERIAL = Proviso(
    says="期限内提出新的事实、理由和证据的，自收到新材料之日重新计算（第三款）",
    columns=("new_material_on",),
    ask="如在期限内收到新材料",
)
NOT_A_PARTY = Proviso(says="非投诉人、法定代理人、受托人提出的可以不予办理并告知（第四款）")
DAY_OFF = Proviso(says="末日为法定休假日是否顺延（民法典第二百零三条）未定，疑点写明末日为休假日的")
MEDIATION = Proviso(
    says="双方同意调解的，调解期间不计入（第二十三条）",
    columns=("mediation_from", "mediation_proof"),
    ask="如有不计入期限的调解",
)
UNREACHABLE = Proviso(says="无法联系投诉人的除外", columns=("unreachable_proof",), ask="如因投诉人原因无法告知")
AGREED = Proviso(
    says="协商一致约定告知期限、方式的，按约定（末款）",
    columns=("agreed_notice_on", "agreed_proof"),
    ask="如与投诉人书面约定了告知日期",
)
