-- Filter of pandoc for manual pages: names and commands are bold, as man(7) has them, and have
-- hyphens and quotes that can be copied.

local escapes = { ["\\"] = "\\e", ["-"] = "\\-", ["'"] = "\\[aq]", ["`"] = "\\[ga]", ["~"] = "\\[ti]", ["^"] = "\\[ha]" }

local function escape(text)
  return (text:gsub("[\\%-'`~^]", escapes))
end

function Code(element)
  local words = pandoc.List()
  for word in element.text:gmatch("%S+") do
    if #words > 0 then words:insert(pandoc.Space()) end
    words:insert(pandoc.RawInline("man", escape(word)))
  end
  return pandoc.Strong(words)
end

function Strong(element)
  return pandoc.walk_inline(element, {
    Str = function(word) return pandoc.RawInline("man", escape(word.text)) end,
  })
end

-- An address is shown as it is.
function Link(element)
  return element.content
end

function CodeBlock(element)
  local text = escape(element.text):gsub("^%.", "\\&."):gsub("\n%.", "\n\\&.")
  return pandoc.RawBlock("man", '.IP "" 4\n.EX\n' .. text .. "\n.EE")
end
