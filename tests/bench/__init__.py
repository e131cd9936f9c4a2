"""`make bench`: server CPU a request, page by page, over a bare page. README.md says how to read it."""
