//! The changes of ALTER TABLE that are about the table and not about a column or a key: its options, its
//! partitions, and the words that only say how to do it all.

use super::alter_spec::AlterSpec;
use super::charset::expect_charset;
use super::create::take_sequence;
use super::cursor::Cursor;
use super::refusal::Refusal;
use change_event::DdlKind;

/// Table options, partitions and what only says how to do it.
pub(super) fn expect_option(cursor: &mut Cursor<'_>, specs: &mut Vec<AlterSpec>) -> Result<(), Refusal> {
    if let Some(spec) = take_partition_move(cursor)? {
        specs.push(spec);
        return Ok(());
    }
    if let Some(kind) = take_partition_change(cursor)? {
        specs.extend(kind.map(AlterSpec::Other));
        return Ok(());
    }
    if let Some(sequence) = take_sequence(cursor)? {
        specs.push(AlterSpec::Sequence(sequence));
        return Ok(());
    }
    let default = ["CHARACTER", "CHARSET", "COLLATE"].iter().any(|word| cursor.is_word_at(1, word));
    if ["CHARACTER", "CHARSET", "COLLATE"].iter().any(|word| cursor.is_word(word))
        || (cursor.is_word("DEFAULT") && default)
    {
        let choice = expect_charset(cursor)?.map(AlterSpec::DefaultCharset);
        specs.push(choice.unwrap_or(AlterSpec::Other(DdlKind::TableCharset)));
        return Ok(());
    }
    let how = ["ALGORITHM", "LOCK", "WITH", "WITHOUT", "ENABLE", "DISABLE"];
    let silent = how.iter().any(|word| cursor.is_word(word));
    let kind = if cursor.is_word("COMMENT") {
        DdlKind::TableComment
    } else if cursor.is_word("AUTO_INCREMENT") {
        DdlKind::RebaseAutoId
    } else {
        DdlKind::MultiSchemaChange
    };
    if cursor.take_words(&["ORDER", "BY"]) {
        cursor.skip_rest();
    } else {
        expect_assignment(cursor)?;
    }
    if !silent && specs.last() != Some(&AlterSpec::Other(DdlKind::MultiSchemaChange)) {
        specs.push(AlterSpec::Other(kind));
    }
    Ok(())
}

/// Options whose value may follow without `=`.
const OPTIONS: &[&str] = &[
    "AUTOEXTEND_SIZE",
    "AUTO_INCREMENT",
    "AVG_ROW_LENGTH",
    "CHECKSUM",
    "COMMENT",
    "COMPRESSION",
    "CONNECTION",
    "DELAY_KEY_WRITE",
    "DIRECTORY",
    "ENCRYPTION",
    "ENGINE",
    "ENGINE_ATTRIBUTE",
    "INSERT_METHOD",
    "KEY_BLOCK_SIZE",
    "MAX_ROWS",
    "MIN_ROWS",
    "PACK_KEYS",
    "PAGE_CHECKSUM",
    "PASSWORD",
    "ROW_FORMAT",
    "SECONDARY_ENGINE",
    "SECONDARY_ENGINE_ATTRIBUTE",
    "STATS_AUTO_RECALC",
    "STATS_PERSISTENT",
    "STATS_SAMPLE_PAGES",
    "STORAGE",
    "TABLESPACE",
    "TABLE_CHECKSUM",
    "TRANSACTIONAL",
    "UNION",
    "ALGORITHM",
    "LOCK",
];

/// Pairs of words that stand alone.
const PHRASES: &[[&str; 2]] = &[
    ["ENABLE", "KEYS"],
    ["DISABLE", "KEYS"],
    ["DISCARD", "TABLESPACE"],
    ["IMPORT", "TABLESPACE"],
    ["UPGRADE", "PARTITIONING"],
    ["WITH", "VALIDATION"],
    ["WITHOUT", "VALIDATION"],
];

/// `name = value`, a known `name value` or a known phrase. Anything else might be about columns.
fn expect_assignment(cursor: &mut Cursor<'_>) -> Result<(), Refusal> {
    let alone = cursor.take_one_of(&["FORCE", "SECONDARY_LOAD", "SECONDARY_UNLOAD"]);
    if alone || PHRASES.iter().any(|phrase| cursor.take_words(phrase)) {
        return Ok(());
    }
    cursor.take_word("DEFAULT");
    for directory in [["DATA", "DIRECTORY"], ["INDEX", "DIRECTORY"]] {
        if cursor.is_word_at(0, directory[0]) && cursor.is_word_at(1, directory[1]) {
            cursor.next();
        }
    }
    let known = OPTIONS.iter().any(|word| cursor.is_word(word));
    let refusal = cursor.unexpected("a change of a table");
    cursor.expect_name("a change of a table")?;
    if !cursor.take_symbol('=') && !known {
        return Err(refusal);
    }
    if cursor.is_symbol('(') {
        cursor.expect_group()?;
    } else if cursor.next().is_none() {
        return Err(cursor.unexpected("a value"));
    }
    Ok(())
}

/// A partition that changes places with a table, becomes one, or is made of one. A server takes each of these only as
/// the single change of a statement.
fn take_partition_move(cursor: &mut Cursor<'_>) -> Result<Option<AlterSpec>, Refusal> {
    let spec = if cursor.take_words(&["EXCHANGE", "PARTITION"]) {
        cursor.expect_name("a partition")?;
        cursor.expect_word("WITH")?;
        cursor.expect_word("TABLE")?;
        AlterSpec::ExchangePartition { with: cursor.expect_table()? }
    } else if cursor.take_words(&["CONVERT", "PARTITION"]) {
        cursor.expect_name("a partition")?;
        cursor.expect_word("TO")?;
        cursor.expect_word("TABLE")?;
        AlterSpec::PartitionToTable { to: cursor.expect_table()? }
    } else if cursor.take_words(&["CONVERT", "TABLE"]) {
        AlterSpec::TableToPartition { from: cursor.expect_table()? }
    } else {
        return Ok(None);
    };
    cursor.skip_rest();
    Ok(Some(spec))
}

/// A change of partitions; the inner `None` is one that changes nothing. Only one fits in a statement.
fn take_partition_change(cursor: &mut Cursor<'_>) -> Result<Option<Option<DdlKind>>, Refusal> {
    let second = cursor.is_word_at(1, "PARTITION");
    let kind = if cursor.is_word("PARTITION") {
        Some(DdlKind::AlterTablePartitioning)
    } else if cursor.is_word("REMOVE") {
        Some(DdlKind::RemovePartitioning)
    } else if !second {
        return Ok(None);
    } else if cursor.is_word("TRUNCATE") {
        Some(DdlKind::TruncatePartition)
    } else if cursor.is_word("REORGANIZE") || cursor.is_word("COALESCE") {
        Some(DdlKind::ReorganizePartition)
    } else if cursor.is_word("DISCARD") || cursor.is_word("IMPORT") {
        Some(DdlKind::MultiSchemaChange)
    } else if ["ANALYZE", "CHECK", "OPTIMIZE", "REBUILD", "REPAIR"].iter().any(|word| cursor.is_word(word)) {
        None
    } else {
        return Err(Refusal::Unfollowed("a change of partitions that is not known"));
    };
    cursor.skip_rest();
    Ok(Some(kind))
}
