from shanyraq.foundation.ui.pdf import pdf_response, render

TEMPLATE = """#let told = json(bytes(sys.inputs.values))
#set document(date: none)
= #told.title
#image(bytes(sys.inputs.drawing), format: "svg", width: 2cm)
"""
LETTERS = "Ә ә Ғ ғ Қ қ Ң ң Ө ө Ұ ұ Ү ү Һ һ І і"
SQUARE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9"/></svg>'


def paper(folder, title, drawing=SQUARE):
    template = folder / "paper.typ"
    template.write_text(TEMPLATE, "utf-8")
    return render(template, {"title": title}, drawings={"drawing": drawing})


def test_the_same_values_give_the_same_bytes(tmp_path):
    first = paper(tmp_path, LETTERS)
    assert first.startswith(b"%PDF") and first == paper(tmp_path, LETTERS)
    assert first != paper(tmp_path, LETTERS + ".")


def test_a_font_is_inside_and_no_letter_is_missing(tmp_path):
    """A missing letter would come from a second font: all of them come from one."""
    assert paper(tmp_path, LETTERS).count(b"/FontFile3") == 1


def test_a_value_is_never_read_as_markup(tmp_path):
    assert paper(tmp_path, '#panic("read") *a* $x$ ] #include "/etc/passwd"').startswith(b"%PDF")


def test_it_is_offered_as_a_file():
    response = pdf_response("receipt-7", b"%PDF")
    assert response["Content-Disposition"] == 'attachment; filename="receipt-7.pdf"'
