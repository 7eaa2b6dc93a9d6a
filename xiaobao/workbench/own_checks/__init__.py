"""本行检查 in a workspace: where their files lie, which of them are published, and who may bring them there."""
