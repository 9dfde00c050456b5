"""The pictures of the HTML report: geometry here, drawn by the template of the same name, each with a table beside it."""
