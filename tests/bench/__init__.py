"""`make bench`: server CPU a request, each page over a bare page. Run by `python -m tests.bench`."""
