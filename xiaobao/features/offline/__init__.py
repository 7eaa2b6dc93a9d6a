"""离线填报 as a page: workbooks out, filled ones back with their files, what two people said for a decision."""
