//! How a Rust struct becomes a frozen Python class: attributes by name, and patterns by position.

/// Declares one class with its constructor, `__match_args__` and `repr`.
macro_rules! frozen_class {
    ($name:ident { $($field:ident: $type:ty),+ $(,)? }) => {
        #[pyclass(frozen, get_all, eq, module = "media._core")]
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name {
            $(pub $field: $type,)+
        }

        #[pymethods]
        impl $name {
            #[new]
            #[pyo3(signature = (*, $($field),+))]
            #[allow(clippy::too_many_arguments, reason = "it has the fields it has")]
            fn new($($field: $type),+) -> Self {
                Self { $($field),+ }
            }

            #[classattr]
            #[pyo3(name = "__match_args__")]
            fn match_args(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
                PyTuple::new(py, [$(stringify!($field)),+])
            }

            fn __repr__(&self) -> String {
                format!("{self:?}")
            }
        }
    };
}

pub(super) use frozen_class;
