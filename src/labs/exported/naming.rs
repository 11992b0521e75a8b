//! Types of a protocol as plain data, by the names that they have in its code.

/// The name of a variant and its fields, for all variants of an enum.
macro_rules! variants {
    ($value:expr; $of:ident; $($name:ident $({ $($field:ident),+ })?),+ $(,)?) => {
        match $value {
            $($of::$name $({ $($field),+ })? => {
                let fields: Vec<$crate::labs::exported::Field> = vec![
                    $($((stringify!($field), $crate::labs::exported::Datum::from($field))),+)?
                ];
                (stringify!($name), fields)
            })+
        }
    };
}

/// The same, as a value of a field.
macro_rules! data {
    ($($of:ident { $($name:ident $({ $($field:ident),+ })?),+ $(,)? })+) => {
        $(impl From<&$of> for $crate::labs::exported::Datum {
            fn from(value: &$of) -> $crate::labs::exported::Datum {
                let (name, fields) = $crate::labs::exported::variants!(
                    value; $of; $($name $({ $($field),+ })?),+
                );
                $crate::labs::exported::Datum::named(name, fields)
            }
        })+
    };
}

/// What is a name and nothing else.
macro_rules! names {
    ($($of:ident { $($name:ident),+ $(,)? })+) => {
        $(impl From<&$of> for $crate::labs::exported::Datum {
            fn from(value: &$of) -> $crate::labs::exported::Datum {
                let (name, _) = $crate::labs::exported::variants!(value; $of; $($name),+);
                $crate::labs::exported::Datum::Text(name.to_owned())
            }
        })+
    };
}

/// What is a number under a name.
macro_rules! numbers {
    ($($of:ident)+) => {
        $(impl From<&$of> for $crate::labs::exported::Datum {
            fn from(number: &$of) -> $crate::labs::exported::Datum {
                $crate::labs::exported::Datum::Number(number.0)
            }
        })+
    };
}

/// What has fields and one sort only.
macro_rules! objects {
    ($($of:ident { $($field:ident),+ $(,)? })+) => {
        $(impl From<&$of> for $crate::labs::exported::Datum {
            fn from(value: &$of) -> $crate::labs::exported::Datum {
                let $of { $($field),+ } = value;
                $crate::labs::exported::Datum::Object(vec![
                    $((stringify!($field), $crate::labs::exported::Datum::from($field))),+
                ])
            }
        })+
    };
}

/// What may be there or not.
macro_rules! optional {
    ($($of:ty),+) => {
        $(impl From<&Option<$of>> for $crate::labs::exported::Datum {
            fn from(value: &Option<$of>) -> $crate::labs::exported::Datum {
                let none = $crate::labs::exported::Datum::Null;
                value.as_ref().map_or(none, $crate::labs::exported::Datum::from)
            }
        })+
    };
}

/// Several of the same.
macro_rules! lists {
    ($($of:ty),+) => {
        $(impl From<&Vec<$of>> for $crate::labs::exported::Datum {
            fn from(list: &Vec<$of>) -> $crate::labs::exported::Datum {
                let all = list.iter().map($crate::labs::exported::Datum::from);
                $crate::labs::exported::Datum::List(all.collect())
            }
        })+
    };
}

pub(in crate::labs) use {data, lists, names, numbers, objects, optional, variants};
