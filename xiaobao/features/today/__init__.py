"""今日待办与督办: what is due, what is overdue."""
