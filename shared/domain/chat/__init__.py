"""A grammar of questions about stock, for answering them without a model: pure, and documented in docs/chat.md.

words.py parts a question into words, amounts.py and spans.py read its numbers and times, lexicon.py says which words
mean what, question.py puts it together, names.py finds whose names are meant, meaning.py and commands.py say what is
asked and told to do, and beyond.py what is not for the chat.
"""
