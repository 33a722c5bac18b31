"""Operations: from the text of a document to the bytes of the answer. See docs/architecture.md."""

from resolvers.operations.answers import Answer
from resolvers.operations.operation import Operations, UnsafeOperationError

__all__ = ["Answer", "Operations", "UnsafeOperationError"]
