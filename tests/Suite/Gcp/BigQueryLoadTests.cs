using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using static Acceptance.Tests.Suite.Gcp.BigQueryWire;

namespace Acceptance.Tests.Suite.Gcp;

public sealed class BigQueryLoadTests : IAsyncLifetime
{
    private const string Bucket = "acc-lab-data";
    private const string Target = """ "destinationTable": {"projectId": "acc-lab", "datasetId": "d", "tableId": "t"} """;
    private const string Schema = """ "schema": {"fields": [{"name": "id", "type": "INTEGER"}, {"name": "name", "type": "STRING"}, {"name": "score", "type": "FLOAT"}]} """;

    private BigQueryWire _bigquery = null!;

    public async ValueTask InitializeAsync() => _bigquery = await StartAsync();

    public ValueTask DisposeAsync() => _bigquery.DisposeAsync();

    [Fact]
    public async Task CSV_is_read_as_its_options_say()
    {
        await _bigquery.PutObjectAsync(Bucket, "in/a.csv", "id;name;score\n1;'a;''b''';1.5\n2;;\n3;'';NA\n"u8.ToArray());

        var job = await LoadAsync($$"""{{{Target}}, {{Schema}}, "sourceUris": ["gs://acc-lab-data/in/*.csv"], "skipLeadingRows": 1, "fieldDelimiter": ";", "quote": "'", "maxBadRecords": 1}""");

        ((string?)job["statistics"]!["load"]!["outputRows"], (string?)job["statistics"]!["load"]!["badRecords"]).Should().Be(("2", "1"), "{0}", job.ToJsonString());
        (await _bigquery.RowsAsync("SELECT * FROM t ORDER BY id")).Should().Equal("1,a;'b',1.5", "2,NULL,NULL");
    }

    [Fact]
    public async Task An_empty_cell_is_NULL_and_an_empty_text_is_quoted_unless_there_is_a_marker()
    {
        await _bigquery.UploadAsync($$"""{{{Target}}, {{Schema}}, "sourceFormat": "CSV"}""", "1,,\n2,\"\",\n"u8.ToArray());
        await _bigquery.UploadAsync($$"""{{{Target}}, {{Schema}}, "sourceFormat": "CSV", "nullMarker": "\\N"}""", "3,,\\N\n4,\\N,1\n"u8.ToArray());

        (await _bigquery.RowsAsync("SELECT id, name IS NULL, LENGTH(name), score FROM t ORDER BY id")).Should().Equal("1,true,NULL,NULL", "2,false,0,NULL", "3,false,0,NULL", "4,true,NULL,1.0");
    }

    [Theory]
    [InlineData("x,a,1\n", "Could not parse 'x' as INT64 for field id (position 0)")]
    [InlineData("1,a\n", "Too few values in row")]
    [InlineData("1,a,1,2\n", "Too many values in row")]
    [InlineData("1,\"a,1\n", "Missing close quote character")]
    [InlineData("1,\"a\nb\",1\n", "Quoted newlines are not allowed")]
    [InlineData("1,\"a\"b,1\n", "Data between close quote character")]
    public async Task A_row_that_cannot_be_read_fails_the_job_with_its_place(string csv, string message)
    {
        var job = await _bigquery.UploadAsync($$"""{{{Target}}, {{Schema}}, "sourceFormat": "CSV"}""", Encoding.UTF8.GetBytes(csv));

        ((string?)job["status"]!["errorResult"]!["reason"]).Should().Be("invalid");
        ((string?)job["status"]!["errorResult"]!["message"]).Should().Contain("CSV processing encountered too many errors, giving up. Rows: 1; errors: 1; max bad: 0");
        ((string?)job["status"]!["errors"]![1]!["message"]).Should().Contain(message);
        (await _bigquery.GetAsync($"{Root}/datasets/d/tables/t")).Status.Should().Be(404);
    }

    [Fact]
    public async Task A_schema_is_detected_where_it_is_asked_for()
    {
        await _bigquery.UploadAsync($$"""{{{Target}}, "autodetect": true}""", "client id,day,ok,amount,note\n1,2024-01-02,true,1.5,x\n2,2024-01-03,false,2,y\n"u8.ToArray());

        (await _bigquery.RowsAsync("SELECT column_name, data_type FROM d.INFORMATION_SCHEMA.COLUMNS ORDER BY ordinal_position"))
            .Should().Equal("client_id,INT64", "day,DATE", "ok,BOOL", "amount,FLOAT64", "note,STRING");
        (await _bigquery.RowsAsync("SELECT COUNT(*) FROM t")).Should().Equal("2");
    }

    [Fact]
    public async Task Without_schema_and_detection_a_load_is_refused()
    {
        var job = await _bigquery.UploadAsync($$"""{{{Target}}}""", "1\n"u8.ToArray());

        ((string?)job["status"]!["errorResult"]!["message"]).Should().Be("No schema specified on job or table.");
    }

    [Fact]
    public async Task JSON_with_records_and_lists_is_read_gzip_or_not()
    {
        var json = "{\"id\": \"1\", \"r\": {\"x\": [1, 2], \"t\": \"2024-06-01T12:00:00Z\"}}\n{\"id\": 2, \"r\": null}\n"u8.ToArray();
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            await gzip.WriteAsync(json, TestContext.Current.CancellationToken);
        }

        await _bigquery.PutObjectAsync(Bucket, "rows.json.gz", packed.ToArray());

        var job = await LoadAsync($$$$$$"""
            {{{{{{{Target}}}}}}, "sourceUris": ["gs://acc-lab-data/rows.json.gz"], "sourceFormat": "NEWLINE_DELIMITED_JSON",
             "schema": {"fields": [{"name": "id", "type": "INT64"}, {"name": "r", "type": "RECORD", "fields": [{"name": "x", "type": "INT64", "mode": "REPEATED"}, {"name": "t", "type": "TIMESTAMP"}]}]}}
            """);

        job["status"]!["errorResult"].Should().BeNull("{0}", job.ToJsonString());
        (await _bigquery.RowsAsync("SELECT id, ARRAY_LENGTH(r.x), UNIX_SECONDS(r.t) FROM t ORDER BY id")).Should().Equal("1,2,1717243200", "2,NULL,NULL");
    }

    [Fact]
    public async Task A_JSON_row_that_does_not_fit_is_told_with_its_number()
    {
        var job = await _bigquery.UploadAsync($$"""{{{Target}}, {{Schema}}, "sourceFormat": "NEWLINE_DELIMITED_JSON"}""", "{\"id\": 1}\n{\"id\": \"x\"}\n"u8.ToArray());

        ((string?)job["status"]!["errors"]![1]!["message"]).Should().Contain("JSON parsing error in row 2: Cannot convert value to integer (bad value): x");
    }

    [Fact]
    public async Task What_is_extracted_to_Parquet_comes_back_the_same()
    {
        await _bigquery.QueryAsync("""
            CREATE TABLE s AS SELECT 1 AS i, 0.1 AS f, NUMERIC '1.5' AS n, TRUE AS b, 'é' AS s, b'\x00\xff' AS y, DATE '2024-02-29' AS d, DATETIME '2024-02-29 01:02:03.4' AS dt,
            TIME '01:02:03' AS tm, TIMESTAMP '2024-02-29 01:02:03.000004' AS ts, [1, 2] AS a, STRUCT(1 AS x, ['p'] AS y) AS r
            """);
        (await ExtractAsync("s", "out/s-*.parquet", "PARQUET"))["status"]!["errorResult"].Should().BeNull();

        var job = await LoadAsync($$$$$$"""{{{{{{{Target}}}}}}, "sourceUris": ["gs://acc-lab-data/out/s-*.parquet"], "sourceFormat": "PARQUET", "parquetOptions": {"enableListInference": true}}""");

        job["status"]!["errorResult"].Should().BeNull("{0}", job.ToJsonString());
        (await _bigquery.RowsAsync("SELECT * FROM t")).Should().Equal(await _bigquery.RowsAsync("SELECT * FROM s"));
    }

    [Fact]
    public async Task Lists_of_Parquet_are_records_of_lists_unless_they_are_to_be_inferred()
    {
        await _bigquery.QueryAsync("CREATE TABLE s AS SELECT [1, 2] AS a");
        await ExtractAsync("s", "lists.parquet", "PARQUET");

        await LoadAsync($$"""{{{Target}}, "sourceUris": ["gs://acc-lab-data/lists.parquet"], "sourceFormat": "PARQUET"}""");

        (await _bigquery.RowsAsync("SELECT one.element FROM t, t.a.list AS one ORDER BY 1")).Should().Equal("1", "2");
    }

    [Fact]
    public async Task A_Parquet_file_that_is_none_fails_the_job()
    {
        var job = await _bigquery.UploadAsync($$"""{{{Target}}, "sourceFormat": "PARQUET"}""", "PAR1 no"u8.ToArray());

        ((string?)job["status"]!["errorResult"]!["reason"]).Should().Be("invalid");
        ((string?)job["status"]!["errorResult"]!["message"]).Should().StartWith("Error while reading data, error message: Input file is not in Parquet format");
    }

    [Theory]
    [InlineData("CSV", "NONE", "id,name,score\n1,\"a,\"\"b\",0.1\n2,,\n")]
    [InlineData("NEWLINE_DELIMITED_JSON", "GZIP", "{\"id\":\"1\",\"name\":\"a,\\\"b\",\"score\":0.1}\n{\"id\":\"2\"}\n")]
    public async Task A_table_is_extracted_as_BigQuery_writes_it(string format, string compression, string expected)
    {
        await _bigquery.QueryAsync("CREATE TABLE s AS SELECT 1 AS id, 'a,\"b' AS name, 0.1 AS score UNION ALL SELECT 2, NULL, NULL");

        var job = await ExtractAsync("s", "out.txt", format, compression);

        job["statistics"]!["extract"]!["destinationUriFileCounts"]!.ToJsonString().Should().Be("""["1"]""", "{0}", job.ToJsonString());
        Stream content = new MemoryStream(await _bigquery.ObjectAsync(Bucket, "out.txt"));
        content = compression == "GZIP" ? new GZipStream(content, CompressionMode.Decompress) : content;
        (await new StreamReader(content).ReadToEndAsync(TestContext.Current.CancellationToken)).Should().Be(expected);
    }

    [Fact]
    public async Task A_table_with_records_has_no_CSV()
    {
        await _bigquery.QueryAsync("CREATE TABLE s AS SELECT [1] AS a");

        ((string?)(await ExtractAsync("s", "out.csv", "CSV"))["status"]!["errorResult"]!["message"]).Should().Be("Operation cannot be performed on a nested schema. Field: a");
    }

    [Fact]
    public async Task Data_is_not_moved_between_locations()
    {
        await _bigquery.PutObjectAsync("acc-lab-elsewhere", "a.csv", "1,a,1\n"u8.ToArray());

        var job = await LoadAsync($$"""{{{Target}}, {{Schema}}, "sourceUris": ["gs://acc-lab-elsewhere/a.csv"]}""");

        ((string?)job["status"]!["errorResult"]!["message"]).Should().Be("Cannot read and write in different locations: source: us-central1, destination: europe-west1");
    }

    [Fact]
    public async Task What_is_not_there_is_named()
    {
        var job = await LoadAsync($$"""{{{Target}}, {{Schema}}, "sourceUris": ["gs://acc-lab-data/none-*.csv"]}""");

        ((string?)job["status"]!["errorResult"]!["message"]).Should().Be("Not found: URI gs://acc-lab-data/none-*.csv");
    }

    [Fact]
    public async Task Columns_are_added_where_the_job_may()
    {
        await _bigquery.QueryAsync("CREATE TABLE t (id INT64)");

        var refused = await _bigquery.UploadAsync($$"""{{{Target}}, {{Schema}}}""", "1,a,1\n"u8.ToArray());
        var loaded = await _bigquery.UploadAsync($$"""{{{Target}}, {{Schema}}, "schemaUpdateOptions": ["ALLOW_FIELD_ADDITION"]}""", "1,a,1\n"u8.ToArray());

        ((string?)refused["status"]!["errorResult"]!["message"]).Should().Be("Provided Schema does not match Table acc-lab:d.t. Cannot add fields (field: name)");
        loaded["status"]!["errorResult"].Should().BeNull();
        (await _bigquery.RowsAsync("SELECT * FROM t")).Should().Equal("1,a,1.0");
    }

    [Fact]
    public async Task An_upload_goes_on_where_it_was_cut()
    {
        var begun = await _bigquery.SendAsync(HttpMethod.Post, "upload/bigquery/v2/projects/acc-lab/jobs?uploadType=resumable", Json($$$$"""{"configuration": {"load": {{{{{Target}}}}, {{{{Schema}}}}}}}"""));
        var session = begun["Location"]!;
        var part = await PartAsync(session, "1,a,1\n2,b", "bytes 0-8/*");
        var probe = await PartAsync(session, "", "bytes */14");
        var done = await PartAsync(session, ",2.5\n", "bytes 9-13/14");

        (part.Status, part["Range"], probe.Status, probe["Range"]).Should().Be((308, "bytes=0-8", 308, "bytes=0-8"));
        (await _bigquery.DoneAsync(done.Json))["status"]!["errorResult"].Should().BeNull("{0}", done.Text);
        (await _bigquery.RowsAsync("SELECT * FROM t ORDER BY id")).Should().Equal("1,a,1.0", "2,b,2.5");
    }

    [Fact]
    public async Task A_table_is_copied_with_its_schema()
    {
        await _bigquery.QueryAsync("CREATE TABLE s (id INT64 NOT NULL OPTIONS (description = 'key'))");
        await _bigquery.QueryAsync("INSERT INTO s VALUES (1)");

        var job = await _bigquery.JobAsync($$$$$$"""{"copy": {"sourceTable": {"projectId": "acc-lab", "datasetId": "d", "tableId": "s"}, {{{{{{Target}}}}}}}}""");

        job["status"]!["errorResult"].Should().BeNull("{0}", job.ToJsonString());
        ((string?)(await _bigquery.GetAsync($"{Root}/datasets/d/tables/t")).Json["schema"]!["fields"]![0]!["description"]).Should().Be("key");
    }

    [Theory]
    [InlineData("p[1].parquet", "p1.parquet")]
    [InlineData("p?.parquet", "pq.parquet")]
    [InlineData("day=2024-01-01/a.parquet", null)]
    public async Task A_Parquet_file_is_read_whatever_its_object_is_called(string name, string? other)
    {
        await _bigquery.QueryAsync("CREATE TABLE s AS SELECT 1 AS id");
        await _bigquery.QueryAsync("CREATE TABLE o AS SELECT 2 AS id");
        await ExtractAsync("s", name, "PARQUET");
        await ExtractAsync("o", other ?? "elsewhere.parquet", "PARQUET");

        var job = await LoadAsync($$$"""{{{{Target}}}, "sourceUris": ["gs://acc-lab-data/{{{name}}}"], "sourceFormat": "PARQUET"}""");

        job["status"]!["errorResult"].Should().BeNull("{0}", job.ToJsonString());
        (await _bigquery.RowsAsync("SELECT * FROM t")).Should().Equal("1");
    }

    [Fact]
    public async Task A_column_of_Parquet_is_required_by_its_own_node_and_by_none_of_the_same_name()
    {
        // The engine calls the root of the files that it writes so, and says of it that it is required.
        await _bigquery.QueryAsync("CREATE TABLE s AS SELECT CAST(NULL AS INT64) AS duckdb_schema");
        await ExtractAsync("s", "root.parquet", "PARQUET");

        await LoadAsync($$"""{{{Target}}, "sourceUris": ["gs://acc-lab-data/root.parquet"], "sourceFormat": "PARQUET"}""");

        ((string?)(await _bigquery.GetAsync($"{Root}/datasets/d/tables/t")).Json["schema"]!["fields"]![0]!["mode"]).Should().Be("NULLABLE");
    }

    [Fact]
    public async Task What_was_sent_as_null_was_not_given()
    {
        var job = await _bigquery.UploadAsync($$"""{{{Target}}, {{Schema}}, "sourceFormat": "CSV", "decimalTargetTypes": null, "timePartitioning": null}""", "1,a,1\n"u8.ToArray());

        var load = job["configuration"]!["load"]!.AsObject();
        (load.ContainsKey("decimalTargetTypes"), load.ToJsonString().Contains("null")).Should().Be((false, false), "{0}", job.ToJsonString());
    }

    [Theory]
    [InlineData("CSV", "1,a,1\n2,\u00ff,2\n3,\u00c3\u00a9,3\n", 1)]
    [InlineData("NEWLINE_DELIMITED_JSON", "{\"id\": 1, \"name\": \"a\", \"score\": 1}\n{\"id\": 2, \"name\": \"\u00ff\"}\n{\"id\": 3, \"name\": \"\u00c3\u00a9\", \"score\": 3}\n", 1)]
    [InlineData("NEWLINE_DELIMITED_JSON", "{\"id\": 1, \"name\": \"a\", \"score\": 1}\n{\"id\": 2, \"name\": \"\\ud800\"}\n{\"id\": 3, \"name\": \"\\u00e9\", \"score\": 3}\n", 1)]
    public async Task What_is_no_text_costs_its_own_row_only(string format, string bytes, int bad)
    {
        var job = await _bigquery.UploadAsync($$"""{{{Target}}, {{Schema}}, "sourceFormat": "{{format}}", "maxBadRecords": {{bad}}}""", Encoding.Latin1.GetBytes(bytes));

        ((string?)job["statistics"]!["load"]!["outputRows"], (string?)job["statistics"]!["load"]!["badRecords"]).Should().Be(("2", "1"), "{0}", job.ToJsonString());
        (await _bigquery.RowsAsync("SELECT * FROM t ORDER BY id")).Should().Equal("1,a,1.0", "3,é,3.0");
    }

    [Fact]
    public async Task A_mark_before_the_text_is_no_part_of_it_and_Latin_1_is_read_as_such()
    {
        await _bigquery.UploadAsync($$"""{{{Target}}, {{Schema}}, "sourceFormat": "CSV"}""", [0xef, 0xbb, 0xbf, .. "\"1\",é,1\n"u8]);
        await _bigquery.UploadAsync($$"""{{{Target}}, {{Schema}}, "sourceFormat": "CSV", "encoding": "ISO-8859-1", "fieldDelimiter": "þ"}""", Encoding.Latin1.GetBytes("2þéþ2\n"));

        (await _bigquery.RowsAsync("SELECT * FROM t ORDER BY id")).Should().Equal("1,é,1.0", "2,é,2.0");
    }

    [Theory]
    [InlineData("ar$20240601", "notImplemented")]
    [InlineData("ar@-3600000", "notImplemented")]
    [InlineData("a/b?c", "invalid")]
    public async Task A_destination_must_be_a_tables_name(string table, string reason)
    {
        await _bigquery.QueryAsync("CREATE TABLE s AS SELECT 1 AS id, 'a' AS name, 1.0 AS score");
        var destination = $$""" "destinationTable": {"projectId": "acc-lab", "datasetId": "d", "tableId": "{{table}}"}, "writeDisposition": "WRITE_TRUNCATE" """;

        var loaded = await _bigquery.UploadAsync($$"""{{{destination}}, {{Schema}}}""", "1,a,1\n"u8.ToArray());
        var queried = await _bigquery.JobAsync($$$"""{"query": {"query": "SELECT 1 AS id", "useLegacySql": false, {{{destination}}}}}""");
        var copied = await _bigquery.JobAsync($$$"""{"copy": {"sourceTable": {"projectId": "acc-lab", "datasetId": "d", "tableId": "s"}, {{{destination}}}}}""");
        var defined = await _bigquery.QueryAsync($"CREATE TABLE d.`{table}` AS SELECT 1 AS id");

        new[] { loaded, queried, copied }.Select(job => (string?)job["status"]!["errorResult"]?["reason"]).Should().OnlyContain(said => said == reason);
        defined.Refusal.Reason.Should().Be(reason);
        ((int?)(await _bigquery.GetAsync($"{Root}/datasets/d/tables")).Json["totalItems"]).Should().Be(1);
    }

    [Fact]
    public async Task A_schema_must_have_a_datasets_name()
    {
        (await _bigquery.QueryAsync("CREATE SCHEMA `a-b`")).Message.Should().StartWith("Invalid dataset ID \"a-b\"");
    }

    [Fact]
    public async Task An_upload_whose_last_part_was_refused_goes_on()
    {
        var session = await BeginAsync();
        _bigquery.Faults.SwitchOn("B8");

        var refused = await PartAsync(session, "1,a,1\n", "bytes 0-5/6");
        _bigquery.Faults.SwitchOff("B8");
        var done = await PartAsync(session, "", "bytes */6");

        (refused.Status, done.Status).Should().Be((403, 200), "{0}", done.Text);
        (await _bigquery.DoneAsync(done.Json))["status"]!["errorResult"].Should().BeNull();
        (await _bigquery.RowsAsync("SELECT * FROM t")).Should().Equal("1,a,1.0");
    }

    [Fact]
    public async Task Who_lost_the_last_answer_of_an_upload_asks_again_and_gets_the_same_job()
    {
        var session = await BeginAsync();

        var lost = await PartAsync(session, "1,a,1\n", "bytes 0-5/6");
        var probed = await PartAsync(session, "", "bytes */6");
        var sent = await PartAsync(session, "1,a,1\n", "bytes 0-5/6");
        await _bigquery.DoneAsync(lost.Json);

        new[] { probed, sent }.Select(answer => (string?)answer.Json["jobReference"]?["jobId"]).Should().OnlyContain(id => id == (string?)lost.Json["jobReference"]!["jobId"]);
        (await _bigquery.RowsAsync("SELECT * FROM t")).Should().Equal("1,a,1.0");
    }

    [Fact]
    public async Task An_upload_is_over_after_a_week()
    {
        var session = await BeginAsync();
        _bigquery.Clock.Advance(TimeSpan.FromDays(8));

        (await PartAsync(session, "1,a,1\n", "bytes 0-5/6")).Status.Should().Be(404);
    }

    private async Task<string> BeginAsync() =>
        (await _bigquery.SendAsync(HttpMethod.Post, "upload/bigquery/v2/projects/acc-lab/jobs?uploadType=resumable", Json($$$$"""{"configuration": {"load": {{{{{Target}}}}, {{{{Schema}}}}}}}""")))["Location"]!;

    private Task<StorageAnswer> PartAsync(string session, string text, string range) =>
        _bigquery.SendAsync(HttpMethod.Put, session, new ByteArrayContent(Encoding.UTF8.GetBytes(text)), null, ("Content-Range", range));

    private Task<JsonNode> LoadAsync(string load) => _bigquery.JobAsync($$"""{"load": {{load}}}""");

    private Task<JsonNode> ExtractAsync(string table, string name, string format, string compression = "NONE") => _bigquery.JobAsync($$$$$$"""
        {"extract": {"sourceTable": {"projectId": "acc-lab", "datasetId": "d", "tableId": "{{{{{{table}}}}}}"}, "destinationUris": ["gs://acc-lab-data/{{{{{{name}}}}}}"], "destinationFormat": "{{{{{{format}}}}}}", "compression": "{{{{{{compression}}}}}}"}}
        """);
}
