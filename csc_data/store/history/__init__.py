"""What a store says of its history: questions in SQL, answered by DuckDB over the files of the store."""

from csc_data.store.history.database import Answer, ask, write_index
from csc_data.store.history.questions import QUESTIONS, Question

__all__ = ["QUESTIONS", "Answer", "Question", "ask", "write_index"]
