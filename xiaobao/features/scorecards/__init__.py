"""静态得分页: pages that need no kernel and no server, fit for a shared folder, written from what was recorded."""
