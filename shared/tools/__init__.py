"""What a question about a client's stock is answered with: the platform's own endpoints, declared for a model.

A tool has a name, a description and typed arguments (tool.py); it becomes one call of an endpoint (call.py), made under
the caller's own token (platform.py), so that it sees and does what its caller may and nothing else. A reading tool
shows what was answered (showing.py). A writing tool does nothing by itself: it plans calls, which whoever asked
confirms first. registry.py has all of them. functions/chat answers questions with them; nothing here knows where a
question comes from.
"""
