"""A grammar of questions about stock, for answering them without a model: pure, and documented in docs/chat.md.

words.py parts a question into words, amounts.py and spans.py read its numbers and times, lexicon.py says which words
mean what, question.py puts it together, names.py finds whose names are meant, and meaning.py says what is asked.
"""
