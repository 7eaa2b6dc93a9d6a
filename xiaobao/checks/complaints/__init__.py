"""投诉处理: time limits in natural days, extensions, registration, recusal, withdrawal, mediation, notice."""

from xiaobao.checks.complaints import deadlines, handling, rights

__all__ = ["deadlines", "handling", "rights"]
