//! The gateway's errors. The vendor publishes statusCodes and apiCodes and their meanings
//! (its error page), but few of their texts: those from its pages and SDK tests are marked, the
//! others are ours. Which statusCode goes with 1300 to 1306 is inferred.

use std::borrow::Cow;

use super::quirks;
use crate::engine::RequestContext;
use crate::vendors::authing::management::Validation;
use crate::wire::error::{CredentialProblem, ErrorEntry, Reason, Rule, VendorError, Violation};
use crate::wire::header;

const ASK: &str = "header x-syncmock-refuse with the code, or else the message";

const fn entry(
    status: u16,
    code: &'static str,
    message: &'static str,
    chinese: &'static str,
    trigger: &'static str,
) -> ErrorEntry {
    ErrorEntry { status, code, message, chinese: Some(chinese), trigger }
}

/// The English is class-validator's, the Chinese the vendor's (both: its SDK tests).
const fn violation(message: &'static str, trigger: &'static str) -> ErrorEntry {
    entry(400, "", message, "参数 {parameter} 格式错误", trigger)
}

const BAD_REQUEST: ErrorEntry =
    entry(400, "", "Bad Request", "参数格式错误", "a query that is not UTF-8");
const REQUIRED: ErrorEntry =
    violation("{parameter} should not be empty", "get-management-token without accessKeyId");
const TEXT: ErrorEntry =
    violation("{parameter} must be a string", "get-management-token with a number for accessKeyId");
const NUMBER: ErrorEntry =
    violation("{parameter} must be a number conforming to the specified constraints", "page=x");
const BOOLEAN: ErrorEntry =
    violation("{parameter} must be a boolean value", "list-sync-job-logs with success=x");
const LIST: ErrorEntry =
    violation("{parameter} must be an array", "create-sync-task with text for fieldMapping");
const OBJECT: ErrorEntry =
    violation("{parameter} must be an object", "create-sync-task with text for clientConfig");
// Vendor's SDK tests, of other calls.
const MIN_ITEMS: ErrorEntry = violation(
    "{parameter} must contain at least {bound} elements",
    "trigger-sync-risk-operations with an empty list",
);
const MAX_ITEMS: ErrorEntry = violation(
    "{parameter} must contain no more than {bound} elements",
    "list-sync-risk-operations with 51 values of status",
);
const WHOLE_NUMBER: ErrorEntry = violation("{parameter} must be an integer number", "page=1.5");
const AT_LEAST: ErrorEntry = violation("{parameter} must not be less than {bound}", "page=0");
const AT_MOST: ErrorEntry = violation("{parameter} must not be greater than {bound}", "limit=51");
const LENGTH: ErrorEntry =
    violation("{parameter} must be shorter than or equal to {bound} characters", ASK);
const ONE_OF: ErrorEntry =
    violation("{parameter} must be one of the following values: {values}", "syncTrigger=x");
const INVALID: ErrorEntry = violation("{parameter} is invalid", ASK);

const UNAUTHORIZED: ErrorEntry = entry(
    401,
    "2020",
    "Unauthorized, please log in first",
    "尚未登录，无访问权限",
    "no credentials, or a token that is expired, revoked or tampered with",
);
const SIGNATURE: ErrorEntry = entry(
    401,
    "1300",
    "The signature of the access key is incorrect",
    "AK/SK 签名错误",
    "a wrong signature, or one of an unknown access key",
);
const SIGNATURE_METHOD: ErrorEntry = entry(
    401,
    "1301",
    "The signature method does not match",
    "签名方法不匹配",
    "x-authing-signature-method other than HMAC-SHA1",
);
const SIGNATURE_VERSION: ErrorEntry = entry(
    401,
    "1302",
    "The signature version does not match",
    "签名版本不匹配",
    "x-authing-signature-version other than 1.0",
);
const DATE_FORMAT: ErrorEntry = entry(
    401,
    "1303",
    "The format of the date is incorrect, it should be a Unix timestamp in milliseconds",
    "时间戳格式错误，应为毫秒级 Unix 时间戳",
    "date: yesterday",
);
const DATE_MISSING: ErrorEntry = entry(
    401,
    "1304",
    "The date header is missing",
    "请求头中缺少 date",
    "a signature without date and x-authing-date",
);
const DATE_SKEWED: ErrorEntry = entry(
    401,
    "1305",
    "The date is too far from the time of the server",
    "时间戳与服务器时间相差过大",
    "a date further from the clock than gateway.clock_skew",
);
const NONCE_USED: ErrorEntry = entry(
    401,
    "1306",
    "The signature has been used already",
    "签名已被使用",
    "the same signed request twice",
);
const FORBIDDEN: ErrorEntry = entry(
    403,
    "",
    "Forbidden",
    "没有权限访问该资源",
    "a key whose operations do not have this one",
);
const NO_POOL: ErrorEntry = entry(
    403,
    "2224",
    "The userpool does not exist",
    "用户池不存在",
    "x-authing-userpool-id other than the token's",
);
const UNKNOWN: ErrorEntry = entry(
    404,
    "",
    "resource not exists",
    // Vendor's SDK tests.
    "资源不存在",
    "a syncTaskId that is not there",
);
// Nest's (inferred): the address with its query, whatever the language.
const NO_ROUTE: ErrorEntry = ErrorEntry {
    status: 404,
    code: "",
    message: "Cannot {method} {address}",
    chinese: None,
    trigger: "a path that is not there",
};
const THROTTLED: ErrorEntry = entry(
    429,
    "",
    "Your requests exceed the limit, please try again later",
    // Vendor's page.
    "您的请求已超过最大数量限制，请稍后重试",
    "a used-up [[gateway.quota]]",
);
const INTERNAL: ErrorEntry = entry(
    500,
    "",
    "Internal Server Error",
    // Vendor's SDK tests.
    "未知错误",
    ASK,
);

/// The gateway's own errors.
pub(crate) static ERRORS: &[ErrorEntry] = &[
    BAD_REQUEST,
    REQUIRED,
    TEXT,
    NUMBER,
    BOOLEAN,
    LIST,
    OBJECT,
    WHOLE_NUMBER,
    AT_LEAST,
    AT_MOST,
    LENGTH,
    MIN_ITEMS,
    MAX_ITEMS,
    ONE_OF,
    INVALID,
    UNAUTHORIZED,
    SIGNATURE,
    SIGNATURE_METHOD,
    SIGNATURE_VERSION,
    DATE_FORMAT,
    DATE_MISSING,
    DATE_SKEWED,
    NONCE_USED,
    entry(402, "", "Payment needed", "需要付费", ASK),
    // Inferred: the status is 402.
    entry(402, "4021", "Metering error", "计量错误", ASK),
    FORBIDDEN,
    NO_POOL,
    // Vendor's page, in English.
    ErrorEntry {
        status: 403,
        code: "2333",
        message: "Account not exists or password is incorrect.",
        chinese: None,
        trigger: ASK,
    },
    // The vendor's older error pages: apiCode and Chinese text, and the English of the first two.
    // The statusCodes and the other English texts are inferred.
    entry(500, "1000", "The system is busy, please try again later", "系统繁忙，请稍后再试", ASK),
    entry(403, "1001", "No permission to perform this operation", "无权限执行此项操作", ASK),
    entry(
        401,
        "2206",
        "The login information has expired, please log in again",
        "登录信息已过期, 需重新登录",
        ASK,
    ),
    entry(
        401,
        "2207",
        "The login information is wrong, please log in again",
        "登录信息有误, 需重新登录",
        ASK,
    ),
    UNKNOWN,
    NO_ROUTE,
    entry(409, "", "Conflict", "资源冲突", ASK),
    entry(413, "", "Payload too large", "请求体过大", ASK),
    entry(422, "", "Invalid operation", "无效的操作", ASK),
    THROTTLED,
    entry(499, "", "Client error", "客户端错误", ASK),
    INTERNAL,
    entry(501, "", "Unsupported", "不支持的操作", ASK),
    entry(502, "", "Bad gateway", "内部服务调用失败", ASK),
    entry(503, "", "Under maintenance", "系统维护中", ASK),
    entry(601, "", "The request to the third-party endpoint failed", "请求第三方端点失败", ASK),
    // The prefix is the vendor's (SDK tests).
    entry(
        602,
        "",
        "The third-party endpoint returned an error",
        "请求第三方端点时返回错误, errmsg=unknown error",
        ASK,
    ),
    entry(603, "", "Error in custom code", "自定义代码错误", ASK),
];

pub(crate) fn vendor_error(context: &RequestContext<'_>, reason: &Reason) -> VendorError {
    let entry = match reason {
        Reason::UnknownOperation | Reason::WrongMethod => {
            let uri = context.request.uri();
            let address = uri.path_and_query().map_or(uri.path(), |address| address.as_str());
            let method = context.request.method().as_str();
            let message = NO_ROUTE.message.replace("{method}", method);
            return VendorError::new(404, "", message.replace("{address}", address));
        }
        Reason::Parameters(violations) => return invalid_parameters(context, violations),
        Reason::Credentials(problem) => credentials(context, problem),
        Reason::Undecodable | Reason::UnknownFormat | Reason::UnknownVersion => &BAD_REQUEST,
        Reason::NotFound { .. } => &UNKNOWN,
        Reason::Throttled(_) => &THROTTLED,
        Reason::Requested(entry) => entry,
        Reason::Own(entry, value) => {
            return VendorError::from_entry(entry, !wants_english(context), value);
        }
        // Services word their own.
        Reason::WrongState { .. } | Reason::Internal => &INTERNAL,
    };
    let chinese = entry.chinese.filter(|_| !wants_english(context));
    VendorError::new(entry.status, entry.code, chinese.unwrap_or(entry.message))
}

fn credentials(context: &RequestContext<'_>, problem: &CredentialProblem) -> &'static ErrorEntry {
    use CredentialProblem as Problem;
    match problem {
        Problem::UnknownMethod => &SIGNATURE_METHOD,
        Problem::Malformed("x-authing-signature-version")
        | Problem::Missing("x-authing-signature-version") => &SIGNATURE_VERSION,
        Problem::Missing("date") => &DATE_MISSING,
        Problem::DateFormat => &DATE_FORMAT,
        Problem::Skewed { .. } => &DATE_SKEWED,
        Problem::NonceUsed => &NONCE_USED,
        Problem::SignatureMismatch(_) | Problem::Missing(_) => &SIGNATURE,
        // The wrong credentials of get-management-token signed nothing (inferred).
        Problem::UnknownKey(_) if is_signed(context) => &SIGNATURE,
        Problem::NotAllowed { .. } => &FORBIDDEN,
        Problem::TokenElsewhere => &NO_POOL,
        Problem::Absent
        | Problem::Malformed(_)
        | Problem::UnknownKey(_)
        | Problem::InactiveKey
        | Problem::ExpiredKey
        | Problem::TokenMalformed
        | Problem::TokenMismatch
        | Problem::TokenExpired { .. } => &UNAUTHORIZED,
    }
}

fn is_signed(context: &RequestContext<'_>) -> bool {
    header(context.request, "authorization").is_some_and(|text| text.starts_with("authing "))
}

pub(crate) const LANGUAGE_HEADER: &str = "x-authing-lang";

/// Whether the caller wants English texts (`en-US`). The SDKs' default is Chinese (`zh-CN`);
/// python sends the header empty then (captured).
pub(crate) fn wants_english(context: &RequestContext<'_>) -> bool {
    header(context.request, LANGUAGE_HEADER)
        .is_some_and(|lang| lang.to_ascii_lowercase().starts_with("en"))
}

/// The sync endpoints report all violations at once, in English whatever the language; others
/// report one, in Chinese (vendor's SDK tests; what those say to somebody who wants English is
/// not known).
fn invalid_parameters(context: &RequestContext<'_>, violations: &[Violation]) -> VendorError {
    if quirks(context).is_some_and(|quirks| quirks.validation == Validation::Localized)
        && let Some(first) = violations.first()
        && let (entry, _) = template(&first.rule)
        && let Some(chinese) = entry.chinese
    {
        let parameter = first.parameter.trim_start_matches("each value in ");
        return VendorError::new(400, "", chinese.replace("{parameter}", parameter));
    }
    let messages: Vec<String> = violations.iter().map(validator_message).collect();
    VendorError::new(400, "", messages.join(","))
}

fn validator_message(violation: &Violation) -> String {
    let (entry, value) = template(&violation.rule);
    entry
        .message
        .replace("{parameter}", &violation.parameter)
        .replace("{bound}", &value)
        .replace("{values}", &value)
}

/// The error of a violated rule, and the rule's bound or values.
fn template(rule: &Rule) -> (&'static ErrorEntry, Cow<'static, str>) {
    match rule {
        Rule::Required => (&REQUIRED, "".into()),
        Rule::Text => (&TEXT, "".into()),
        Rule::Number => (&NUMBER, "".into()),
        Rule::Boolean => (&BOOLEAN, "".into()),
        Rule::List => (&LIST, "".into()),
        Rule::Object => (&OBJECT, "".into()),
        Rule::WholeNumber => (&WHOLE_NUMBER, "".into()),
        Rule::AtLeast(bound) => (&AT_LEAST, bound.to_string().into()),
        Rule::AtMost(bound) => (&AT_MOST, bound.to_string().into()),
        Rule::Length(most) => (&LENGTH, most.to_string().into()),
        Rule::FewestItems(min) => (&MIN_ITEMS, min.to_string().into()),
        Rule::MostItems(max) => (&MAX_ITEMS, max.to_string().into()),
        Rule::OneOf(values) => (&ONE_OF, values.join(", ").into()),
        Rule::Ascii | Rule::JsonArrayOfText | Rule::Token | Rule::NotBefore(_) => {
            (&INVALID, "".into())
        }
    }
}
